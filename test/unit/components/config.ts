import * as pulumi from "@pulumi/pulumi";

import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import { configOf, contextWith } from "../config/support";

/** A checked configuration as the program has it: its secrets are secret outputs. */
export function programConfig(
  values: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>> = {},
): HubConfig {
  const text = configOf(parseConfig(values, contextWith(files)));
  const secrets = Object.fromEntries(
    Object.entries(text.secrets).map(([name, { value, readers }]) => [
      name,
      { value: pulumi.secret(value), readers },
    ]),
  );
  return { ...text, secrets } as HubConfig;
}
