/** Takes clusters of this suite down, whole or in pieces: also those whose run was killed. */
import { readdir, readFile, readlink, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { quietly, until } from "./shell";

export const FOLDER_PREFIX = "jupyterhub-swarm-";

/** What is written down before it is made, so that it can be found by whoever takes it down. */
export interface Inventory {
  /** Process of the run, with its time of start: numbers of processes come again. */
  readonly owner: { readonly pid: number; readonly started: string };
  /** Id of the run, in the names of all that it makes. */
  readonly id: string;
  readonly bridge: string;
}

/** Time of a process's start in clock ticks after boot; empty when there is no such process. */
export async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

export async function writeInventory(folder: string, id: string, bridge: string): Promise<void> {
  const owner = { pid: process.pid, started: await startTime(process.pid) };
  await writeFile(join(folder, "inventory.json"), JSON.stringify({ owner, id, bridge } satisfies Inventory));
}

/** Takes down what runs that are no more have left. */
export async function sweep(): Promise<string[]> {
  const swept: string[] = [];
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) {
      continue;
    }
    const folder = join(tmpdir(), name);
    const text = await readFile(join(folder, "inventory.json"), "utf8").catch(() => undefined);
    if (text === undefined) {
      continue;
    }
    const { owner } = JSON.parse(text) as Inventory;
    if (owner.started !== "" && (await startTime(owner.pid)) === owner.started) {
      continue;
    }
    await takeDown(folder);
    swept.push(name);
  }
  return swept;
}

/** Processes whose command line names the folder, as the machines' and the registry's do. */
async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) {
      continue;
    }
    const line = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (line.some((word) => word.startsWith(`${folder}/`))) {
      found.push(pid);
    }
  }
  return found;
}

/** Ends the machines, and removes bridge, firewall rules, control groups and the folder. It can be called again. */
export async function takeDown(folder: string): Promise<void> {
  const { id, bridge } = JSON.parse(await readFile(join(folder, "inventory.json"), "utf8")) as Inventory;
  for (const pid of await processesOf(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  await until(`processes of ${folder} end`, 20_000, async () => (await processesOf(folder)).length === 0);
  await quietly("ip", "link", "del", bridge);
  for (const table of ["filter", "nat"]) {
    const rules = await quietly("iptables", "-w", "-t", table, "-S");
    for (const rule of rules.split("\n").filter((line) => line.includes(comment(id)))) {
      await quietly(
        "iptables",
        "-w",
        "-t",
        table,
        ...rule.replace(/^-A/, "-D").replaceAll('"', "").split(" "),
      );
    }
  }
  await removeControlGroups(`jupyterhub-swarm-${id}`);
  await until(`${folder} is removed`, 20_000, async () => {
    await rm(folder, { recursive: true, force: true });
    return true;
  });
}

/** Comment of the run's firewall rules. */
export const comment = (id: string): string => `jupyterhub-swarm-${id}`;

/** Removes the control groups of a run's containers, which stay behind when a machine's engine is killed. */
async function removeControlGroups(name: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  const controllers = await readdir(root).catch(() => []);
  const removeTree = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory()) {
        await removeTree(join(folder, entry.name));
      }
    }
    await rmdir(folder).catch(() => undefined);
  };
  const seen = new Set<string>();
  for (const controller of ["", ...controllers]) {
    const folder = join(root, controller, name);
    const real = await readlink(folder).catch(() => folder);
    if (seen.has(real)) {
      continue;
    }
    seen.add(real);
    await removeTree(folder);
  }
}
