/** One command line of `./hub`, from its words to its exit code. */
import { createRequire } from "node:module";
import { CommanderError } from "commander";

import { isForPerson, messageOf, UsageError } from "../setup/errors";
import { hub, verbIn } from "./program";
import type * as pulumi from "./verbs/pulumi";

const load = createRequire(__filename);

async function perform(argv: readonly string[]): Promise<void> {
  const verb = verbIn(argv);
  // All that follows it is Pulumi's, whatever it looks like.
  if (verb?.name === "pulumi") {
    // Loaded for it alone: half of the time that a Tab of completion takes.
    const { runPulumi } = load("./verbs/pulumi") as typeof pulumi;
    return runPulumi([...argv.slice(verb.at + 1), ...argv.slice(0, verb.at)]);
  }
  await hub(argv).parseAsync(argv, { from: "user" });
}

/** @returns the exit code of what failed or was not understood; undefined where the verb says how it ended */
export async function run(argv: readonly string[]): Promise<number | undefined> {
  try {
    await perform(argv);
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has said what there is to say: help that was asked for, or what it did not understand.
      return error.exitCode === 0 ? 0 : 2;
    }
    process.stderr.write(`${messageOf(error)}\n`);
    if (!isForPerson(error) && error instanceof Error && process.env["DEBUG"]) {
      process.stderr.write(`${error.stack ?? ""}\n`);
    }
    return error instanceof UsageError ? 2 : 1;
  }
}
