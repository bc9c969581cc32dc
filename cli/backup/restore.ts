/** From a backup back into volumes and folders of the Docker host, or to a folder of this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { places } from "../../components/backup/settings";
import { dockerClient } from "../../docker-api/client";
import { runIn } from "../../docker-api/exec";
import { SetupError } from "../../setup/errors";
import { readArchive } from "../home/archive";
import { compare, contentsOf, fill } from "../home/copy";
import { MOUNT, type Mounted, runWith } from "../home/files";
import type { Place } from "../hub-place";
import type { OpenStack } from "../stack";
import { type Backup, bring } from "./backups";

/** Folder of a volume in a backup. */
export const volumeFolder = (volume: string): string => `${places.volumes}/${volume}/_data`;

/** An archive has the holes of files as zeros, which would take up disk space. Not all file systems can have holes. */
const DIG = ["find", MOUNT, "-type", "f", "-size", "+1M", "-exec", "fallocate", "--dig-holes", "{}", ";"];

/** Hands the files of a folder of a backup to `use`; they are removed from the container afterwards. */
async function withFiles<T>(
  place: Place,
  backup: Backup,
  folder: string,
  use: (archive: () => Promise<Readable>) => Promise<T>,
): Promise<T> {
  const container = (await dockerClient(place.engine.address)).getContainer(place.container);
  try {
    const restored = await bring(place, backup, folder);
    return await use(async () => Readable.from(await container.getArchive({ path: `${restored}/.` })));
  } finally {
    await runIn(container, ["jupyterhub-on-docker", "backup", "forget"], 600).catch(() => undefined);
  }
}

/**
 * Puts a folder of a backup into a volume or folder of the Docker host, and compares both.
 *
 * @param replace whether what is there is removed first
 * @returns how many files and folders
 */
export function restoreInto(
  stack: OpenStack,
  place: Place,
  {
    backup,
    folder,
    mount,
    what,
    replace,
  }: {
    readonly backup: Backup;
    readonly folder: string;
    readonly mount: Mounted;
    /** For messages: `the home of alice`. */
    readonly what: string;
    readonly replace: boolean;
  },
): Promise<number> {
  const engine = { name: "", docker: stack.docker };
  return withFiles(place, backup, folder, async (archive) => {
    const target = { engine, mount };
    if ((await contentsOf(stack, target)).contents.size > 1) {
      if (!replace) {
        throw new SetupError(
          `restore: expected ${what} to be empty, but it has files.`,
          "--replace removes them first. --to FOLDER restores into a folder of this machine instead.",
        );
      }
      await runWith(stack, engine, mount, ["find", MOUNT, "-mindepth", "1", "-delete"]);
    }
    const wanted = await fill(stack, target, archive);
    await runWith(stack, engine, mount, DIG);
    await compare(stack, target, wanted, `restore: ${what} differs from the backup`);
    return wanted.contents.size;
  });
}

/** Puts a folder of a backup into a folder of this machine, which is empty or not there. @returns how many entries */
export function restoreTo(place: Place, backup: Backup, folder: string, target: string): Promise<number> {
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new SetupError(`restore: --to: expected an empty folder, or none, but ${target} has files.`);
  }
  return withFiles(place, backup, folder, async (archive) => {
    const { contents } = await readArchive(await archive());
    mkdirSync(target, { recursive: true, mode: 0o700 });
    const tar = spawn("tar", ["--extract", "--directory", target], { stdio: ["pipe", "ignore", "pipe"] });
    const ended = once(tar, "close") as Promise<[number | null]>;
    let said = "";
    tar.stderr.on("data", (text: Buffer) => (said += text.toString()));
    await pipeline(await archive(), tar.stdin).catch(() => undefined);
    const [code] = await ended;
    if (code !== 0) {
      throw new SetupError(
        `restore: ${target} could not be written: ${said.trim().split("\n").at(-1) ?? ""}`,
      );
    }
    return contents.size;
  });
}
