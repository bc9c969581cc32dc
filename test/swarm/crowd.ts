/** Many servers at a time: the figures of docs/scaling.md. */
import { readFile } from "node:fs/promises";
import type Docker from "dockerode";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import type { HubClient } from "../e2e/hub-client";
import type { Machine } from "./cluster";
import { until } from "./shell";

/** Servers that are asked for at a time: more only wait for the processors. */
const AT_ONCE = 8;

export interface CrowdFigures {
  readonly servers: number;
  readonly secondsForAll: number;
  readonly serversPerMinute: number;
  /** MiB that a server has for itself, without what the kernel could drop. */
  readonly memoryEach: number;
  /** MiB that the machine has less, divided by servers: with containers' and network's share. */
  readonly machineMemoryEach: number;
  /** Milliseconds until an answer through Traefik, in the middle of all. */
  readonly answerMs: number;
  /** Most and fewest servers of a node. */
  readonly spread: string;
}

async function each<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await run(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Stats {
  readonly memory_stats: { readonly usage: number; readonly stats: Readonly<Record<string, number>> };
}

async function memoryOf(container: Docker.Container): Promise<number> {
  const { memory_stats } = (await container.stats({ stream: false })) as unknown as Stats;
  const { total_inactive_file, inactive_file } = memory_stats.stats;
  return memory_stats.usage - (total_inactive_file ?? inactive_file ?? 0);
}

/** KiB of this machine that are free or could be. */
async function available(): Promise<number> {
  const [, kib] = /MemAvailable:\s+(\d+)/.exec(await readFile("/proc/meminfo", "utf8")) ?? [];
  return Number(kib);
}

/** Starts a server for each, and measures. */
export async function startCrowd(
  admin: HubClient,
  people: readonly string[],
  machines: readonly Machine[],
  prefix: string,
): Promise<CrowdFigures> {
  const filters = { label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=user`] };
  const count = async (): Promise<number[]> =>
    Promise.all(machines.map(async ({ docker }) => (await docker.listContainers({ filters })).length));
  const before = (await count()).reduce((a, b) => a + b);
  const free = await available();
  const began = Date.now();
  await each(people, AT_ONCE, async (person) => {
    const { status } = await admin.api(`hub/api/users/${person}/server`, { method: "POST" });
    if (status !== 201 && status !== 202) {
      throw new Error(`start of ${person}: ${status}`);
    }
    await until(`the server of ${person} is ready`, 300_000, async () => {
      const { servers } = (await (await admin.api(`hub/api/users/${person}`)).json()) as {
        servers: Record<string, { ready: boolean } | undefined>;
      };
      return servers[""]?.ready === true;
    });
  });
  const seconds = (Date.now() - began) / 1000;
  const after = await count();
  const lost = (free - (await available())) / 1024;

  const containers = await Promise.all(
    machines.map(async ({ docker }) =>
      (await docker.listContainers({ filters })).map(({ Id }) => docker.getContainer(Id)),
    ),
  );
  const memory = await Promise.all(containers.flat().map(memoryOf));
  const times: number[] = [];
  for (const person of people) {
    const asked = performance.now();
    const { status } = await admin.api(`user/${person}/api`);
    if (status >= 500) {
      throw new Error(`the server of ${person} answers ${status}`);
    }
    times.push(performance.now() - asked);
  }
  times.sort((a, b) => a - b);
  return {
    servers: after.reduce((a, b) => a + b) - before,
    secondsForAll: Math.round(seconds),
    serversPerMinute: Math.round((people.length / seconds) * 60),
    memoryEach: Math.round(memory.reduce((a, b) => a + b, 0) / memory.length / 1024 ** 2),
    machineMemoryEach: Math.round(lost / people.length),
    answerMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
    spread: after.join(" + "),
  };
}

export async function stopCrowd(admin: HubClient, people: readonly string[]): Promise<void> {
  await each(people, AT_ONCE, async (person) => {
    await admin.api(`hub/api/users/${person}/server`, { method: "DELETE" });
  });
  await until("all servers are gone", 120_000, async () => {
    const users = (await (await admin.api("hub/api/users?state=active")).json()) as { name: string }[];
    return !users.some(({ name }) => people.includes(name));
  });
}
