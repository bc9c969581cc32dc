/** `./hub status`: who runs what, versions, certificate, disk. */
import type { Command } from "commander";

import { print } from "../answer";
import { withReport } from "../program";
import { openStack } from "../stack";
import { facts } from "../status/facts";
import { render } from "../status/render";

export function define(command: Command): void {
  withReport(command)
    .addHelpText("after", "\nIt judges nothing. Whether people can work is told by `./hub check`.")
    .action(async (_options: object, self: Command) => {
      print(self, render(await facts(await openStack(self)), new Date()));
    });
}
