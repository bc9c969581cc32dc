/**
 * Locks of a state in a folder. Pulumi's says the host's name and a process number, and neither is anybody's alone:
 * containers have fixed names and small numbers, and a folder may be on a network. So `./up` notes of each pulumi that
 * it starts what the kernel knows it by, and takes a lock away only where that says that its process is gone.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { SetupError } from "./errors";
import { type FileBackend, type Project, stateFolder } from "./stack";
import { hubCommand } from "./stacks";

/** A lock of a file backend, as Pulumi writes it. */
export interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly timestamp: string;
}

/** A pulumi that `./up` started. */
export interface Run {
  readonly pid: number;
  readonly hostname: string;
  /** The kernel's id of this start of the machine; containers have their host's. */
  readonly boot: string;
  /** The PID namespace in which the number holds. */
  readonly namespace: string;
  /** When the process started, in ticks of the kernel: another one with its number started later. */
  readonly started: string;
  /** When that was, as a date. */
  readonly at: string;
}

/** What the kernel here says. Undefined where there is no such kernel. */
export interface Kernel {
  readonly boot: string;
  readonly namespace: string;
  /** When a process started; `gone` where there is none, `hidden` where there is one that nothing can be read of. */
  readonly started: (pid: number) => string;
}

/** Milliseconds in which a pulumi that was started has its lock. */
const START_TIMEOUT = 60_000;

export function thisKernel(): Kernel | undefined {
  try {
    return {
      boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      namespace: readlinkSync("/proc/self/ns/pid"),
      started: startOf,
    };
  } catch {
    return undefined;
  }
}

function startOf(pid: number): string {
  try {
    // Whoever may not see others' folders in /proc is told of their processes all the same.
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") {
      return "gone";
    }
  }
  try {
    // "pid (name) state …", of which the name may hold anything; a zombie holds nothing.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "gone" : (fields[19] ?? "hidden");
  } catch {
    return "hidden";
  }
}

/** What is known of a lock's process. */
export type Verdict = "gone" | "alive" | "unknown";

/** @param runs all that are noted. A lock that fits none is of a pulumi that was started otherwise, or elsewhere. */
export function judge(lock: Lock, runs: readonly Run[], kernel: Kernel | undefined): Verdict {
  const locked = Date.parse(lock.timestamp);
  const holders = runs.filter(({ pid, hostname, at }) => {
    const since = locked - Date.parse(at);
    return pid === lock.pid && hostname === lock.hostname && since > -1000 && since < START_TIMEOUT;
  });
  const verdicts = holders.map((run) => verdictOf(run, kernel));
  if (verdicts.includes("alive")) {
    return "alive";
  }
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "gone") ? "gone" : "unknown";
}

function verdictOf(run: Run, kernel: Kernel | undefined): Verdict {
  // Of another kernel, and of another namespace of this one, nothing is known. The number of a namespace is given again
  // only when it is gone, with all its processes.
  if (kernel === undefined || run.boot !== kernel.boot || run.namespace !== kernel.namespace) {
    return "unknown";
  }
  const started = kernel.started(run.pid);
  if (started === "hidden") {
    return "unknown";
  }
  return started === run.started ? "alive" : "gone";
}

// --- the notes

const runsFolder = (backend: FileBackend, project: Project, stack: string): string =>
  join(backend.folder, ".runs", project.name, stack);

const locksFolder = (backend: FileBackend, project: Project, stack: string): string =>
  join(backend.folder, ".pulumi", "locks", "organization", project.name, stack);

const nameOf = ({ boot, namespace, pid }: Run): string =>
  `${boot}-${namespace.replaceAll(/[^0-9]/g, "")}-${pid}.json`;

/**
 * Notes a pulumi that has just been started, for the time when nobody is there to ask.
 * @returns what takes the note away at its end, unless it has left a lock. Where no note could be made, such a lock is for
 *   a person to look at.
 */
export function noteRun(backend: FileBackend, project: Project, stack: string, pid: number): () => void {
  const kernel = thisKernel();
  const started = kernel?.started(pid);
  if (!kernel || started === undefined || started === "gone" || started === "hidden") {
    return () => undefined;
  }
  const { boot, namespace } = kernel;
  const run: Run = { pid, hostname: hostname(), boot, namespace, started, at: new Date().toISOString() };
  const folder = runsFolder(backend, project, stack);
  const file = join(folder, nameOf(run));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(run), { mode: 0o600 });
  } catch {
    return () => undefined;
  }
  return () => {
    const locks = readAll<Lock>(locksFolder(backend, project, stack));
    if (!locks.some(({ content }) => content?.pid === pid)) {
      rmSync(file, { force: true });
    }
  };
}

interface Read<T> {
  readonly file: string;
  readonly content: T | undefined;
}

function readAll<T>(folder: string): Read<T>[] {
  if (!existsSync(folder)) {
    return [];
  }
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.flatMap((name): Read<T>[] => {
    const file = join(folder, name);
    try {
      return [{ file, content: JSON.parse(readFileSync(file, "utf8")) as T }];
    } catch {
      // Gone by now, or cut off when a disk was full.
      return existsSync(file) ? [{ file, content: undefined }] : [];
    }
  });
}

/**
 * Removes locks whose process is gone for sure.
 * @returns those removed.
 * @throws SetupError where one is left, whose process lives or of which nothing is known.
 */
export function removeStaleLocks(
  backend: FileBackend,
  project: Project,
  stack: string,
  kernel = thisKernel(),
): Lock[] {
  const notes = readAll<Run>(runsFolder(backend, project, stack));
  const runs = notes.flatMap(({ content }) => content ?? []);
  const removed: Lock[] = [];
  for (const { file, content: lock } of readAll<Lock>(locksFolder(backend, project, stack))) {
    const verdict = lock === undefined ? "unknown" : judge(lock, runs, kernel);
    if (lock === undefined || verdict !== "gone") {
      throw refusal(stack, lock, file, verdict === "alive");
    }
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
    removed.push(lock);
  }
  for (const { file, content } of notes) {
    if (content === undefined || verdictOf(content, kernel) === "gone") {
      rmSync(file, { force: true });
    }
  }
  return removed;
}

/**
 * Removes what Pulumi notes beside a file of its own (type, checksum) where a kill has cut it off: it can do without, and
 * reads nothing of the state with half of it ("failed to load checkpoint: EOF").
 */
export function removeCutNotes(backend: FileBackend, project: Project, stack: string): void {
  const states = stateFolder(backend, project);
  const files = [states, locksFolder(backend, project, stack)].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
  );
  const mine = (file: string): boolean =>
    !file.startsWith(join(states, "/")) || file.startsWith(join(states, `${stack}.json.`));
  for (const file of files.filter((name) => name.endsWith(".attrs") && mine(name))) {
    try {
      JSON.parse(readFileSync(file, "utf8"));
    } catch {
      rmSync(file, { force: true });
    }
  }
}

function refusal(stack: string, lock: Lock | undefined, file: string, isAlive: boolean): SetupError {
  const command = hubCommand("pulumi cancel --yes", stack);
  if (lock === undefined) {
    return new SetupError(
      `Stack "${stack}": its lock ${file} cannot be read. If no other run is using it, remove it with: ${command}`,
    );
  }
  const { username, hostname: host, pid, timestamp } = lock;
  const holder = `pulumi of ${username} on ${host} (process ${pid}, since ${timestamp})`;
  return new SetupError(
    isAlive
      ? `Stack "${stack}": ${holder} is changing it. Wait until it has finished.`
      : `Stack "${stack}": ${holder} has locked it, and ./up cannot tell whether that process is still running. If it is ` +
          `certainly gone, remove the lock with: ${command}`,
  );
}
