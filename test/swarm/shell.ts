import { execa } from "../e2e/deployment";

/** Runs a command and returns what it printed; fails with its errors. */
export async function sh(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(command, args, { stdin: "ignore" });
  return stdout;
}

/** Runs a command whose failure means that there is nothing to do. */
export async function quietly(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(command, args, { stdin: "ignore", reject: false });
  return stdout;
}

/** Asks until the answer is yes, and fails with `what` after `timeoutMs`; returns the milliseconds that it took. */
export async function until(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean> | boolean,
  intervalMs = 250,
): Promise<number> {
  const start = Date.now();
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) {
        return Date.now() - start;
      }
    } catch (error) {
      last = error;
    }
    if (Date.now() - start > timeoutMs) {
      throw new Error(`${what}: not after ${timeoutMs} ms`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
