import { StackFileError } from "../config/stack-file/yaml";

export { messageOf } from "../docker-api/errors";

/** An error whose message is written for the person at the keyboard: shown as it is, without a stack trace. */
export class SetupError extends Error {
  /**
   * @param what what was expected and what was found, in one sentence.
   * @param fix lines that help, usually a command.
   */
  constructor(what: string, ...fix: readonly string[]) {
    super([what, ...fix.map((line) => `  ${line}`)].join("\n"));
    this.name = "SetupError";
  }
}

/** What was asked for cannot be meant: nothing was tried. */
export class UsageError extends SetupError {}

/** Whether the message of what was thrown is written for the person at the keyboard. */
export const isForPerson = (error: unknown): error is Error =>
  error instanceof SetupError || error instanceof StackFileError;
