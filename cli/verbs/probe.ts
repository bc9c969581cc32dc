/** `./hub probe`: tries all that a notebook server must not reach or do, as `pulumi up` does at its end. */
import type { Command } from "commander";

import { messageOf } from "../../docker-api/errors";
import { SetupError } from "../../setup/errors";
import { checkIsolation } from "../../tasks/self-check/isolation";
import { problems, render } from "../../tasks/self-check/report";
import { print } from "../answer";
import { withReport } from "../program";
import { openStack } from "../stack";

export function define(command: Command): void {
  withReport(command)
    .addHelpText(
      "after",
      "\nThe exit code is 1 if there is a hole, or if something that servers need is closed.",
    )
    .action(async (_options: object, self: Command) => {
      const stack = await openStack(self);
      const rows = await checkIsolation(stack.docker, stack.prefix).catch((error: unknown) => {
        throw new SetupError(`The probes could not be run: ${messageOf(error)}`);
      });
      const holes = problems(rows);
      print(self, { text: render(rows), json: rows, failed: holes.length > 0 });
      holes.forEach(stack.tell);
    });
}
