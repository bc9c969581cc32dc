/** `./hub servers`: who runs which server, and stopping them. */
import type { Command } from "commander";

import { UsageError } from "../../setup/errors";
import { print, wantsJson } from "../answer";
import { withReport } from "../program";
import { render, servers } from "../servers/list";
import { stop } from "../servers/stop";
import { openStack } from "../stack";
import { ask, hasTerminal } from "../terminal";

interface StopOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly server?: string;
}

export function define(command: Command): void {
  withReport(command.command("list"))
    .description("list servers: whose, state, for how long, node, memory and CPU now, image")
    .action(async (_options: object, self: Command) => {
      print(self, render(await servers(await openStack(self)), new Date()));
    });
  withReport(command.command("stop"))
    .description("stop servers; what people have not saved in them is lost, their homes are kept")
    .argument("[user]", "the person whose servers are stopped")
    .option("--server <name>", 'only the person\'s server of this name ("" for the default one)')
    .option("--all", "everybody's servers")
    .option("--yes", "do not ask before all are stopped")
    .action(async (user: string | undefined, { all, yes, server }: StopOptions, self: Command) => {
      if ((user === undefined) !== (all === true)) {
        throw new UsageError("servers stop: expected a person or --all, and not both.");
      }
      if (server !== undefined && user === undefined) {
        throw new UsageError("servers stop: --server needs the person whose server it is.");
      }
      const stack = await openStack(self);
      if (all === true && yes !== true) {
        await confirm(wantsJson(self));
      }
      print(self, await stop(stack, { user, server }));
    });
}

/** @throws UsageError where nobody can be asked, or the answer is no */
async function confirm(quiet: boolean): Promise<void> {
  if (quiet || !hasTerminal()) {
    throw new UsageError("servers stop --all: expected --yes, since there is nobody to ask.");
  }
  const said = await ask("Stop everybody's servers? Type yes: ", (text) => text);
  if (said !== "yes") {
    throw new UsageError("Nothing was stopped.");
  }
}
