/** `./hub status`: who runs what, versions, certificate, disk. */
import type { Command } from "commander";

import { print } from "../answer";
import { withReport } from "../program";
import { openStack } from "../stack";
import { facts } from "../status/facts";
import { render } from "../status/render";

export function define(command: Command): void {
  withReport(command)
    .addHelpText("after", "\nIt judges nothing: `./hub check` reports whether people can work.")
    .action(async (_options: object, self: Command) => {
      print(self, render(await facts(await openStack(self)), new Date()));
    });
}
