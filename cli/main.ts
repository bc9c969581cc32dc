/** `./hub`: the command for administrators. Exit codes: 0 done, 1 failed or holes found, 2 not understood. */
import { createRequire } from "node:module";
import { CommanderError } from "commander";

import { isForPerson, messageOf, UsageError } from "../setup/errors";
import { hub, verbIn } from "./program";
import type * as pulumi from "./verbs/pulumi";

const load = createRequire(__filename);

async function main(argv: readonly string[]): Promise<void> {
  const verb = verbIn(argv);
  // All that follows it is Pulumi's, whatever it looks like.
  if (verb?.name === "pulumi") {
    // Loaded for it alone: half of the time that a Tab of completion takes.
    const { runPulumi } = load("./verbs/pulumi") as typeof pulumi;
    return runPulumi([...argv.slice(verb.at + 1), ...argv.slice(0, verb.at)]);
  }
  await hub(argv).parseAsync(argv, { from: "user" });
}

// Whoever reads the output may stop reading: `./hub logs hub | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // It has said what there is to say: help that was asked for, or what it did not understand.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`${messageOf(error)}\n`);
  if (!isForPerson(error) && error instanceof Error && process.env["DEBUG"]) {
    process.stderr.write(`${error.stack ?? ""}\n`);
  }
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
