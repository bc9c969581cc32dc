/** How figures come about: pairs of runs in turn, seconds of the clock and of the processors, and the machine. */
import { availableParallelism, loadavg, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

import { dependencies } from "../package.json";
import { execa } from "../test/e2e/deployment";

/** What one side was measured to take, run by run. A peer's name is that of its side. */
export interface Pairs<T> {
  readonly ours: readonly T[];
  readonly peer: readonly T[];
}

/** Seconds by the clock, and of all processors. */
export interface Times {
  readonly clock: number;
  readonly processors: number;
}

/** Seconds that some work takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * Runs ours and the peer's in turn, so that a machine that drifts drifts for both. The first pair warms caches and is not
 * counted.
 *
 * @param between brings things back to where they were, after each run
 */
export async function pairs<T>(
  runs: number,
  signal: AbortSignal,
  ours: () => Promise<T>,
  peer: () => Promise<T>,
  between: (side: "ours" | "peer") => Promise<unknown> = () => Promise.resolve(),
): Promise<Pairs<T>> {
  const taken = { ours: [] as T[], peer: [] as T[] };
  for (let run = 0; run <= runs; run += 1) {
    for (const [side, work] of [
      ["ours", ours],
      ["peer", peer],
    ] as const) {
      signal.throwIfAborted();
      const one = await work();
      if (run > 0) {
        taken[side].push(one);
      }
      await between(side);
    }
  }
  return taken;
}

/** One field of what was measured. */
export function pick<T>({ ours, peer }: Pairs<T>, field: (one: T) => number): Pairs<number> {
  return { ours: ours.map(field), peer: peer.map(field) };
}

/** Seconds that a command takes, with all programs that it starts and waits for. */
export async function command(
  words: readonly string[],
  options: { readonly cwd: string; readonly before?: string },
): Promise<Times> {
  const began = process.hrtime.bigint();
  const { stderr } = await execa(
    "bash",
    ["-c", `${options.before ?? ""}\nTIMEFORMAT='%U %S'; time "$@" 2>&1`, "bench", ...words],
    { cwd: options.cwd, stdin: "ignore" },
  );
  const clock = Number(process.hrtime.bigint() - began) / 1e9;
  const [user = NaN, system = NaN] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { clock, processors: user + system };
}

/** Waits until something holds. */
export async function until(
  condition: () => Promise<boolean>,
  { signal, seconds: most = 60, every = 20 }: { signal: AbortSignal; seconds?: number; every?: number },
): Promise<void> {
  const end = Date.now() + most * 1000;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`not within ${most} s`);
    }
    await sleep(every, undefined, { signal });
  }
}

/** What a figure depends on besides the program. */
export interface Machine {
  readonly date: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly kernel: string;
  readonly engine: string;
  readonly plugins: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Processes that wanted to run, for each processor, in the minute before. */
  readonly load: number;
}

export async function machine(): Promise<Machine> {
  const { Version } = await new Docker().version();
  const cores = availableParallelism();
  return {
    date: new Date().toISOString().slice(0, 10),
    cores,
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    engine: `Docker Engine ${Version}`,
    plugins: process.env["PULUMI_HOME"] === undefined ? "stand-in plugins" : "Pulumi's own plugins",
    versions: { "Node.js": process.versions.node, Pulumi: dependencies["@pulumi/pulumi"] },
    load: Number(((loadavg()[0] ?? 0) / cores).toFixed(1)),
  };
}
