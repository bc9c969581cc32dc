/** The disk of the stack's own PostgreSQL, which may be another one than the hub's: a full one still answers what only reads. */
import { DATA_DIRECTORY } from "../../components/database/postgres-start";
import { outputOf } from "../../docker-api/exec";
import { found, type Look, notMade, WELL } from "./finding";
import { dockerCommand, type Subject } from "./subject";

/** Milliseconds for the answer. */
const TIMEOUT = 10_000;

/** Bytes that have to be free, as the hub asks for where its own data are. */
const FREE = 100 * 2 ** 20;

/** Free KiB of the file system, then its free inodes, in the form that POSIX has for scripts. */
const QUESTION = ["/bin/bash", "-c", `df -Pk ${DATA_DIRECTORY} && df -Pi ${DATA_DIRECTORY}`];

/** @param container name of the database's container */
export async function databaseDisk(subject: Subject, container: string): Promise<Look> {
  return judgeDisk(subject, await outputOf(subject, container, QUESTION, TIMEOUT));
}

/** What the two tables mean. Pure. */
export function judgeDisk(subject: Subject, tables: string): Look {
  const [kib, inodes] = [...tables.matchAll(/^\S+ +(\S+) +\S+ +(\S+) +\S+ +\/.*$/gm)].map((row) => ({
    all: Number(row[1]),
    free: Number(row[2]),
  }));
  if (kib === undefined || !Number.isFinite(kib.free)) {
    return notMade("the disk of PostgreSQL: its container does not tell how much is free");
  }
  const full = (problem: string) =>
    found({
      what: `The disk with PostgreSQL's data is full: ${problem}`,
      see: dockerCommand(subject, "system df"),
    });
  if (kib.free * 1024 < FREE) {
    return full(
      `${Math.floor(kib.free / 1024)} MiB are free in ${DATA_DIRECTORY}, expected ${FREE / 2 ** 20} at least`,
    );
  }
  // Some file systems do not count files.
  return inodes !== undefined && inodes.all > 0 && inodes.free === 0
    ? full(`no more files fit into ${DATA_DIRECTORY}: it has no inodes left`)
    : WELL;
}
