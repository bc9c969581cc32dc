/**
 * People's servers go before the network that they are on, which is replaced when its configuration changes: the command
 * that removes them has the network's id for a trigger (components/spawner/notebook-servers.ts). A network that somebody
 * removed has no servers on it. When it is made again they stay, and are put on it.
 */
import * as pulumi from "@pulumi/pulumi";

import type { Drift } from "./compare";
import { list } from "./fields";
import { NETWORK } from "./kinds";
import type { Made } from "./made";

/** Pulumi's name of that command. */
const REMOVAL = "notebook-servers-removal";

/** Registers a transformation for that. To be called before any resource is made. */
export function keepServers(prefix: string, made: readonly Made[], drift: readonly Drift[]): void {
  const physicalName = `${prefix}-notebooks`;
  const network = made.find(({ type, outputs }) => type === NETWORK && outputs["name"] === physicalName);
  const [trigger] = list(made.find(({ name }) => name === REMOVAL)?.outputs["triggers"]);
  const id = network?.outputs["id"];
  const isAgain = drift.some((one) => one.type === NETWORK && one.physicalName === physicalName);
  // It has the id of a network that somebody removed, now or before.
  if (typeof trigger !== "string" || (!isAgain && trigger === id)) {
    return;
  }
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    if (isAgain && type === NETWORK && name === network?.name) {
      // Otherwise all that depends on it is deleted first.
      return { props, opts: { ...opts, deleteBeforeReplace: false } };
    }
    if (name !== REMOVAL) {
      return undefined;
    }
    const { triggers, ...inputs } = props as Readonly<Record<string, unknown>>;
    const kept =
      isAgain && pulumi.runtime.isDryRun()
        ? [trigger]
        : pulumi
            .output(triggers as readonly string[])
            .apply((ids) => (isAgain || ids[0] === id ? [trigger] : ids));
    return { props: { ...inputs, triggers: kept }, opts };
  });
}
