/** The backups of a stack: what is asked in the container that makes them. */
import { z } from "zod";

import { keyName } from "../../config/keys";
import { SetupError } from "../../setup/errors";
import { hubCommand, upCommand } from "../../setup/stacks";
import { askInside, type Place, placeOf } from "../hub-place";
import type { OpenStack } from "../stack";

/** Seconds for a backup, and for a restore. */
const LONG = 24 * 3600;

const FAILED = "backup: the container that makes backups does not tell";

const result = z.object({
  version: z.literal(1),
  /** When it began, in ISO 8601. */
  at: z.string(),
  /** Why it is none, or not whole. */
  problem: z.string().nullable(),
  snapshot: z.string().nullable(),
  files: z.number().nullish(),
  bytes: z.number().nullish(),
  /** Bytes that were new. */
  added: z.number().nullish(),
  seconds: z.number(),
  /** Volumes that were left out, and why. */
  skipped: z.array(z.string()),
  lastGood: z.string().nullable(),
});
export type Result = z.infer<typeof result>;

const backups = z.object({
  version: z.literal(1),
  backups: z.array(z.object({ id: z.string(), time: z.string(), paths: z.array(z.string()) })),
});
export type Backup = z.infer<typeof backups>["backups"][number];

/** @throws SetupError where the stack has no such container that runs */
export async function backupPlace(stack: OpenStack): Promise<Place> {
  const place = await placeOf(stack, "backup");
  if (place !== undefined) {
    return place;
  }
  throw stack.file.values["backup"] === undefined
    ? new SetupError(
        `backup: expected a stack with backups, but its configuration has no ${keyName("backup")}.`,
        `See docs/backup.md. After you have set it: ${upCommand(stack.name)}`,
      )
    : new SetupError("backup: expected a container that makes backups, found none.", upCommand(stack.name));
}

/** Makes a backup now. */
export const makeBackup = (place: Place): Promise<Result> =>
  askInside(place, ["backup", "run"], result, { failed: FAILED, timeout: LONG });

/** What came of the last one; undefined for none yet. */
export const lastBackup = async (place: Place): Promise<Result | undefined> =>
  (
    await askInside(place, ["backup", "last"], z.object({ version: z.literal(1), last: result.nullable() }), {
      failed: FAILED,
    })
  ).last ?? undefined;

/** All that there are, the newest first. */
export const listBackups = async (place: Place): Promise<readonly Backup[]> =>
  (await askInside(place, ["backup", "list"], backups, { failed: FAILED, timeout: 600 })).backups;

/**
 * The newest backup of a time, or before it.
 *
 * @param at date, time or id. @default the newest of all
 */
export function chosen(all: readonly Backup[], at: string | undefined, stack: string): Backup {
  const [newest] = all;
  if (newest === undefined) {
    throw new SetupError("restore: there is no backup yet.", hubCommand("backup", stack));
  }
  if (at === undefined) {
    return newest;
  }
  const isId = /^[0-9a-f]{8,64}$/.test(at);
  const named = isId ? all.find(({ id }) => at.startsWith(id)) : undefined;
  // A date alone is all of that day.
  const until = Date.parse(/^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T23:59:59Z` : at);
  const found = isId ? named : all.find(({ time }) => Date.parse(time) <= until);
  if (found === undefined) {
    throw new SetupError(
      isId
        ? `restore: --at: there is no backup ${at}.`
        : Number.isNaN(until)
          ? `restore: --at: expected a date (2026-11-30), a time (2026-11-30T12:00Z) or the id of a backup, got ${at}.`
          : `restore: --at: there is no backup of ${at} or before. The oldest is of ${all.at(-1)?.time ?? ""}.`,
      hubCommand("backup --list", stack),
    );
  }
  return found;
}

/** Brings a folder of a backup back into the container. @returns where it is there, until `forget` */
export const bring = async (place: Place, backup: Backup, folder: string): Promise<string> =>
  (
    await askInside(
      place,
      ["backup", "restore", backup.id, folder],
      z.object({ version: z.literal(1), folder: z.string() }),
      { failed: "restore", timeout: LONG },
    )
  ).folder;
