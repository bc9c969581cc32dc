/** Processes of this machine, and how they are ended: those of a container, and those below a command. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that there are just now. */
export function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      // The command's name, in parentheses, may have blanks in it.
      const stat = readFileSync(join("/proc", name, "stat"), "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const command = readFileSync(join("/proc", name, "cmdline"), "utf8")
        .replaceAll("\0", " ")
        .trim();
      return [{ pid: Number(name), parent, command }];
    } catch {
      // No process, or gone by now.
      return [];
    }
  });
}

/** A process and all below it. */
export function tree(pid: number): Process[] {
  const all = processes();
  const below = (one: Process): Process[] => [
    one,
    ...all.filter(({ parent }) => parent === one.pid).flatMap(below),
  ];
  return all.filter((one) => one.pid === pid).flatMap(below);
}

/** SIGKILL for each that is still there. */
export function kill(pids: readonly number[], signal: NodeJS.Signals = "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
        throw error;
      }
    }
  }
}

/** Process numbers of a container, on this machine. */
export async function pidsOf(container: Docker.Container): Promise<number[]> {
  const { Titles, Processes } = (await container.top()) as { Titles: string[]; Processes: string[][] };
  const pids = Processes.map((row) => Number(row[Titles.indexOf("PID")]));
  assert.ok(pids.length > 0 && pids.every((pid) => pid > 1), "no processes of the container");
  return pids;
}
