/** What the tools read in the hub's settings file, as it is in its container or its service. */
import type { ZodType } from "zod";

import { paths } from "../components/hub/settings/paths";
import { parsed } from "../docker-api/json";
import { SetupError } from "../setup/errors";
import { upCommand } from "../setup/stacks";

/** @throws SetupError for a file that is none of this program's: changed by hand, say. */
export function hubSettings<T>(stack: { readonly name: string }, text: string, shape: ZodType<T>): T {
  const read = shape.safeParse(parsed(text));
  if (!read.success) {
    const { path = [], message = "" } = read.error.issues[0] ?? {};
    throw new SetupError(
      `The hub's settings file ${paths.settings} is not as ./up writes it (${[...path, message].join(": ")}).`,
      `To have it written again:  ${upCommand(stack.name)}`,
    );
  }
  return read.data;
}
