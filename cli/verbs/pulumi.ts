/** `./hub pulumi …`: a plain pulumi command with the environment and the configuration file of `./up`. */
import type { Command } from "commander";

import { namedStack, wantsConfigFile } from "../../setup/arguments";
import { type Machine, thisMachine } from "../../setup/machine";
import { findForPlain } from "../../setup/prepare";
import { isNew, openSession, runIn, settleStack } from "../../setup/session";
import { readStack, readStackToEdit } from "../../setup/stack";
import { findStacks } from "../../setup/stacks";
import { chooseStack } from "../choose-stack";

/** Commands that are about no stack, or name their own. */
const WITHOUT_STACK =
  /^(version|help|about|whoami|login|logout|plugin|package|schema|stack (ls|init|select))\b/;

/**
 * The stack of a command. One that `./up` has not brought up yet is nobody's question: that one is "dev", as for `./up`.
 */
async function stackOf(machine: Machine, argv: readonly string[]): Promise<string> {
  const named = namedStack(argv);
  if (named !== undefined) {
    return named;
  }
  const { deployed, meant } = findStacks(machine);
  const words = argv.filter((word) => !word.startsWith("-")).join(" ");
  const asks = deployed.length > 0 && words !== "" && !WITHOUT_STACK.test(words) && !argv.includes("--help");
  if (!asks) {
    return meant ?? "dev";
  }
  const quiet = argv.some((word) => /^(--json|-j|--non-interactive)$/.test(word));
  return chooseStack(machine, { named, quiet, argv: ["pulumi", ...argv] });
}

/** Ends with pulumi's exit code. */
export async function runPulumi(argv: readonly string[]): Promise<void> {
  const machine = thisMachine();
  const name = await stackOf(machine, argv);
  const edits = argv.find((word) => !word.startsWith("-")) === "config";
  const stack = edits ? readStackToEdit(machine, name) : readStack(machine, name);
  const session = openSession(machine, stack, await findForPlain(machine, stack));
  // `pulumi config` knows no stack before the first ./up, whose message may name it.
  const file = wantsConfigFile(argv) || (edits && isNew(session)) ? await settleStack(session) : undefined;
  const args = file === undefined || edits ? argv : [...argv, "--config-file", file];
  process.exitCode = (await runIn(session, args)).code;
}

/** For `./hub --help`; what follows the verb is not looked at here. */
export function define(command: Command): void {
  command.argument("[arguments...]", "pulumi's own arguments: see ./hub pulumi --help");
}
