/** What a stack takes that does nothing: processor time with the engine's share, and memory. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerStats } from "dockerode";

import type { Deployment } from "../../test/e2e/deployment";
import type { Benchmark, Context } from "../context";

/** Linux counts processor time for programs in hundredths of a second. */
const TICKS = 100;
/** Milliseconds. */
const WINDOW = 60_000;
/** Milliseconds after which a start has come to rest. */
const REST = 20_000;

const usages = ({ docker }: Deployment, names: readonly string[]): Promise<ContainerStats[]> =>
  Promise.all(names.map((name) => docker.getContainer(name).stats({ stream: false, "one-shot": true })));

/** Seconds that the engine's programs have taken, with what they ran and waited for. Of the shims, the stack's. */
async function engineSeconds(ids: readonly string[]): Promise<number> {
  let ticks = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) {
      continue;
    }
    const [stat, words] = await Promise.all(
      ["stat", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    const [program = "", ...rest] = (words ?? "").split("\0");
    const name = program.split("/").at(-1) ?? "";
    const counts =
      ["dockerd", "containerd"].includes(name) ||
      (name.startsWith("containerd-shim") && rest.some((word) => ids.includes(word)));
    if (counts) {
      // After the name in brackets, which may have blanks: utime, stime, cutime and cstime.
      const fields = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
      ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    }
  }
  return ticks / TICKS;
}

/** Seconds of the processors that the stack and the engine take in a time, for each second of it. */
export async function idleShare(deployment: Deployment, milliseconds: number): Promise<number> {
  const { containers } = await deployment.objects();
  const ids = await Promise.all(
    containers.map(async (name) => (await deployment.docker.getContainer(name).inspect()).Id),
  );
  const taken = async () =>
    (await usages(deployment, containers)).reduce(
      (sum, { cpu_stats }) => sum + cpu_stats.cpu_usage.total_usage / 1e9,
      await engineSeconds(ids),
    );
  const began = process.hrtime.bigint();
  const before = await taken();
  await sleep(milliseconds);
  const after = await taken();
  return (after - before) / (Number(process.hrtime.bigint() - began) / 1e9);
}

/** What containers hold, without the file cache that can go at any time, in MB. Of one that has ended there is nothing. */
const megabytes = (stats: readonly ContainerStats[]): number =>
  stats.reduce((sum, { memory_stats }) => {
    const { usage, stats: parts } = memory_stats as Partial<ContainerStats["memory_stats"]>;
    const cache = parts?.total_inactive_file || parts?.inactive_file || 0;
    return usage === undefined ? sum : sum + (usage - cache) / 1e6;
  }, 0);

async function run(context: Context): Promise<void> {
  const stack = await context.stack();
  await sleep(REST, undefined, { signal: context.signal });
  const { deployment } = stack;
  const memory: number[] = [];
  for (let run = 0; run < context.runs; run += 1) {
    memory.push(megabytes(await usages(deployment, (await deployment.objects()).containers)));
    await sleep(1000, undefined, { signal: context.signal });
  }
  await context.record("idle-memory", { ours: memory });

  const alice = await stack.login("alice");
  await alice.startServer();
  await sleep(REST, undefined, { signal: context.signal });
  const shares: number[] = [];
  // Three minutes in all: what comes once a minute is in each.
  for (let run = 0; run < Math.min(context.runs, 3); run += 1) {
    context.signal.throwIfAborted();
    shares.push(100 * (await idleShare(deployment, WINDOW)));
  }
  await alice.stopServer();
  await context.record("idle-processors", { ours: shares });
}

export default { about: "processor time and memory of a stack that does nothing", run } satisfies Benchmark;
