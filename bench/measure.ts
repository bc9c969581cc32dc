/** Times of paired runs: A and B in turn, so that a machine that drifts drifts for both. */
export interface Paired {
  /** Seconds of each run. */
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** The middle of a list, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new Error("the median of nothing");
  }
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * Runs A and B in turn and times each; `between` brings things back to where they were and is not timed.
 * The first pair warms caches and is not counted.
 */
export async function pair(
  runs: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Paired> {
  const times = { a: [] as number[], b: [] as number[] };
  for (let run = 0; run <= runs; run += 1) {
    for (const [side, work] of [
      ["a", a],
      ["b", b],
    ] as const) {
      const taken = await seconds(work);
      if (run > 0) {
        times[side].push(taken);
      }
      await between();
    }
  }
  return times;
}

/** One line of the report: the medians, their ratio, and whether it keeps the bound. */
export function line(
  name: string,
  { a, b }: Paired,
  bound: { ratio: number } | { seconds: number },
): { text: string; kept: boolean } {
  const [ours, theirs] = [median(a), median(b)];
  const kept = "ratio" in bound ? ours / theirs <= bound.ratio : ours - theirs <= bound.seconds;
  const figure =
    "ratio" in bound
      ? `${(ours / theirs).toFixed(2)} times, at most ${bound.ratio}`
      : `${(ours - theirs).toFixed(2)} s more, at most ${bound.seconds} s`;
  return {
    kept,
    text: `${kept ? "✔" : "✖"} ${name}: ${ours.toFixed(2)} s against ${theirs.toFixed(2)} s (${figure})`,
  };
}

/** Ends a program with the exit code of its figures: 0 where every bound was kept. */
export function end(figures: Promise<boolean>): void {
  figures.then(
    (kept) => {
      process.exitCode = kept ? 0 : 1;
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
