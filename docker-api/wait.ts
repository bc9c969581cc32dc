/** Waits for what an engine does by itself. */
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks. */
const PAUSE = 500;

/**
 * Looks again and again until there is something to see; at least once, and once more when the time is over.
 *
 * @param look gives undefined where it is not time yet; what it throws ends the waiting
 * @param timeout in milliseconds
 * @param pause milliseconds between two looks. @default 500
 * @returns what was seen, or undefined when the time was over
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  timeout: number,
  pause = PAUSE,
): Promise<T | undefined> {
  const end = Date.now() + timeout;
  for (;;) {
    const late = Date.now() >= end;
    const seen = await look();
    if (seen !== undefined || late) {
      return seen;
    }
    await sleep(pause);
  }
}

/** The same for what is only true or not yet. @returns whether it came true */
export async function until(check: () => Promise<boolean>, timeout: number, pause = PAUSE): Promise<boolean> {
  return (await waitFor(async () => ((await check()) ? true : undefined), timeout, pause)) ?? false;
}
