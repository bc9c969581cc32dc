/** Which stack a command is about. */
import { program, shellWord } from "../config/commands";
import { UsageError } from "../setup/errors";
import type { Machine } from "../setup/machine";
import { findStacks, type Stacks, upCommand } from "../setup/stacks";
import { ask, hasTerminal } from "./terminal";

export interface Choice {
  /** What `--stack` says. */
  readonly named: string | undefined;
  /** Nobody is asked, terminal or not. */
  readonly quiet: boolean;
  /** The command line, for the command that names a stack. */
  readonly argv: readonly string[];
}

/**
 * The stack that was named or is clear; else the one that the person at the terminal chooses.
 *
 * @throws UsageError with the list where nobody can be asked
 */
export async function chooseStack(machine: Machine, { named, quiet, argv }: Choice): Promise<string> {
  if (named !== undefined) {
    return checked(named);
  }
  const stacks = findStacks(machine);
  if (stacks.meant !== undefined) {
    return checked(stacks.meant);
  }
  const names = stacks.deployed.length > 0 ? stacks.deployed : stacks.known;
  const [first] = names;
  if (first === undefined) {
    throw new UsageError(
      "Stack: expected a Pulumi.<stack>.yaml in this checkout, found none.",
      `${program("up")} --help`,
    );
  }
  if (quiet || !hasTerminal()) {
    throw new UsageError(
      `${why(stacks)} Name one of ${names.join(", ")}, for example:`,
      [program("hub"), ...[...argv, "--stack", first].map(shellWord)].join(" "),
      // The others were brought up from elsewhere, if at all.
      ...(stacks.deployed.length > 0 ? [] : [`To bring one up first:  ${upCommand(first)}`]),
    );
  }
  return choose(`${why(stacks)} Which one do you mean?`, names);
}

const why = ({ deployed }: Stacks): string =>
  deployed.length > 0
    ? `Stack: ${deployed.length} were brought up from this checkout.`
    : "Stack: none was brought up from this checkout.";

/** Names reach file paths. */
function checked(name: string): string {
  if (/^[A-Za-z0-9._-]+$/.test(name)) {
    return name;
  }
  throw new UsageError(
    `Stack name: expected letters, digits, ".", "_" and "-", got ${JSON.stringify(name)}.`,
  );
}

async function choose(which: string, names: readonly string[]): Promise<string> {
  process.stderr.write(`${which}\n${names.map((name, at) => `  ${at + 1}  ${name}\n`).join("")}`);
  const chosen = await ask("Number or name: ", (said) =>
    names.find((name, at) => said === name || said === String(at + 1)),
  );
  if (chosen === undefined) {
    throw new UsageError("Stack: none was named.");
  }
  return chosen;
}
