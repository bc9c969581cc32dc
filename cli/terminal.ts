/** Questions for the person at the terminal. */
import { createInterface } from "node:readline/promises";

/** Whether there is somebody to ask. Questions go to standard error: standard output is for results. */
export const hasTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * Asks until there is an answer.
 *
 * @param accept gives undefined for what is none
 * @returns undefined at Ctrl-C and Ctrl-D
 */
export async function ask<T>(
  prompt: string,
  accept: (said: string) => T | undefined,
): Promise<T | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, prompt });
  try {
    terminal.prompt();
    for await (const line of terminal) {
      const answer = accept(line.trim());
      if (answer !== undefined) {
        return answer;
      }
      terminal.prompt();
    }
    process.stderr.write("\n");
    return undefined;
  } finally {
    terminal.close();
  }
}
