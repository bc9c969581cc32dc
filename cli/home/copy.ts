/** Copies of homes, each compared with its source. */
import type { Readable } from "node:stream";

import { shownName } from "../../config/values/names";
import { SetupError } from "../../setup/errors";
import type { NodeEngine } from "../node/engines";
import { type Archive, differences, folderArchive, readArchive } from "./archive";
import { archiveOf, MOUNT, type Mounted, withMount } from "./files";

/** A volume or folder on an engine. */
export interface Place {
  readonly engine: NodeEngine;
  readonly mount: Mounted;
}

/** Names for a message: the first few. */
export const shown = (names: readonly string[]): string =>
  names.slice(0, 5).map(shownName).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");

/** What is in a place now. */
export const contentsOf = (stack: { readonly prefix: string }, { engine, mount }: Place): Promise<Archive> =>
  withMount(stack, engine, mount, async (container) => readArchive(await archiveOf(container)));

/**
 * Puts what an archive has into an empty place.
 *
 * @param archive the same each time: it is read twice
 * @returns what the archive has
 */
export async function fill(
  stack: { readonly prefix: string },
  { engine, mount }: Place,
  archive: () => Promise<Readable>,
): Promise<Archive> {
  const wanted = await readArchive(await archive());
  await withMount(stack, engine, mount, async (target) => {
    await target.putArchive(await archive(), { path: MOUNT });
    // The engine leaves the folder that it unpacks into as it is.
    if (wanted.home) {
      await target.putArchive(await folderArchive(MOUNT.slice(1), wanted.home), { path: "/" });
    }
  });
  return wanted;
}

/** @throws SetupError where a place has something else than what it was filled with */
export async function compare(
  stack: { readonly prefix: string },
  place: Place,
  wanted: Archive,
  failed: string,
): Promise<void> {
  const wrong = differences(wanted.contents, (await contentsOf(stack, place)).contents);
  if (wrong.length > 0) {
    throw new SetupError(`${failed}: ${shown(wrong)}.`);
  }
}

/** Copies all of a place into an empty one, and compares both. @returns how many files and folders */
export async function copyAll(
  stack: { readonly prefix: string },
  from: Place,
  to: Place,
  failed: string,
): Promise<number> {
  const wanted = await withMount(stack, from.engine, from.mount, (source) =>
    fill(stack, to, () => archiveOf(source)),
  );
  await compare(stack, to, wanted, failed);
  return wanted.contents.size;
}
