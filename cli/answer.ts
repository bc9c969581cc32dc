/** What a verb answers with, on standard output. */
import type { Command } from "commander";

/** What came of a command. */
export interface Answer {
  /** For people. What is only about the way there goes to standard error as it happens. */
  readonly text: string;
  /** The same for programs, with `--json`. */
  readonly json: unknown;
  /** Whether the exit code is 1. @default false */
  readonly failed?: boolean;
}

/** Whether `--json` was given, wherever it stands. */
export const wantsJson = (command: Command): boolean => command.optsWithGlobals()["json"] === true;

/** Prints an answer, and has the program end as it says. */
export function print(command: Command, { text, json, failed = false }: Answer): void {
  const output = wantsJson(command) ? JSON.stringify(json, undefined, 2) : text.trimEnd();
  if (output !== "") {
    process.stdout.write(`${output}\n`);
  }
  if (failed) {
    process.exitCode = 1;
  }
}
