/**
 * Waits for a condition, asking ten times a second unless told otherwise.
 *
 * @throws Error when it does not come true in time
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
  intervalMs = 100,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Asks again and again until the function that it returns is called, which returns all answers; 0 for one that failed. */
export function poll(ask: () => Promise<number>, intervalMs = 50): () => Promise<number[]> {
  const answers: number[] = [];
  const ended = new AbortController();
  const asking = (async () => {
    while (!ended.signal.aborted) {
      answers.push(await ask().catch(() => 0));
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  })();
  return async () => {
    ended.abort();
    await asking;
    return answers;
  };
}
