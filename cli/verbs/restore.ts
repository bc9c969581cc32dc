/** `./hub restore`: a person's home, the hub's database, or all of it, from a backup. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";

import { places } from "../../components/backup/settings";
import { plain } from "../../docker-api/plain";
import { SetupError, UsageError } from "../../setup/errors";
import { hubCommand } from "../../setup/stacks";
import { type Answer, print } from "../answer";
import { type Backup, backupPlace, chosen, listBackups } from "../backup/backups";
import { restoreEverything } from "../backup/everything";
import { restoreInto, restoreTo, volumeFolder } from "../backup/restore";
import { restore as restoreDatabase } from "../database/restore";
import { type Home, homesOf, runningContainers, usersOf } from "../home/homes";
import type { Place } from "../hub-place";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";

interface Options {
  readonly user?: string;
  readonly database?: boolean;
  readonly all?: boolean;
  readonly at?: string;
  readonly to?: string;
  readonly replace?: boolean;
}

export function define(command: Command): void {
  withReport(command)
    .option("--user <name>", "the home of this person, whose server is stopped")
    .option("--database", "the hub's database; the hub is restarted, servers keep running")
    .option("--all", "the database, all homes and all folders, into a stack without servers")
    .option(
      "--at <time>",
      "the newest backup of this date or time (UTC), or one by its id; without it the newest",
    )
    .option(
      "--to <folder>",
      "with --user: into an empty folder of this machine, and nothing on the Docker host",
    )
    .option("--replace", "remove what is there first; without it, only what is empty is restored")
    .addHelpText(
      "after",
      "\nEach copy is compared with the backup. Backups are listed by: ./hub backup --list",
    )
    .action(async (options: Options, self: Command) => {
      const { user, database = false, all = false, at, to } = options;
      if ([user !== undefined, database, all].filter(Boolean).length !== 1) {
        throw new UsageError("restore: expected one of --user NAME, --database and --all.");
      }
      if (to !== undefined && user === undefined) {
        throw new UsageError("restore: --to is for --user only.");
      }
      const stack = await openStack(self);
      const place = await backupPlace(stack);
      const backup = chosen(await listBackups(place), at, stack.name);
      stack.tell(`Backup ${backup.id} of ${backup.time.slice(0, 19).replace("T", " ")} UTC.`);
      if (user !== undefined) {
        print(self, await ofUser(stack, place, backup, user, options));
      } else if (database) {
        print(self, await ofDatabase(stack, place, backup));
      } else {
        print(self, await restoreEverything(stack, place, backup, options.replace === true, ofDatabase));
      }
    });
}

/** Where a home is in a backup. @throws SetupError where it is in none */
export function folderOf({ mount, user }: Home, backup: Backup, stack: string): string {
  const isTree = mount.Type === "bind";
  const folder = isTree
    ? `${places.tree}/users/${mount.Source.split("/").at(-1) ?? ""}`
    : volumeFolder(mount.Source);
  if (!backup.paths.includes(isTree ? places.tree : folder)) {
    throw new SetupError(
      `restore: backup ${backup.id} has no home of ${plain(user)}.`,
      hubCommand("backup --list", stack),
    );
  }
  return folder;
}

async function ofUser(
  stack: OpenStack,
  place: Place,
  backup: Backup,
  user: string,
  { to, replace = false }: Options,
): Promise<Answer> {
  const homes = await homesOf(stack);
  const known = (await homes.list()).find((one) => one.user === user);
  const folder = folderOf(known ?? homes.at(user), backup, stack.name);
  if (to !== undefined) {
    const entries = await restoreTo(place, backup, folder, to);
    return {
      text: `${to} has the home of ${plain(user)} as of the backup: ${entries} files and folders.`,
      json: { user, backup: backup.id, time: backup.time, folder: to, entries },
    };
  }
  const home = known ?? (await homes.make(user));
  if (usersOf(await runningContainers(homes), home).length > 0) {
    throw new SetupError(
      `restore: expected no running server of ${plain(user)}, found one.`,
      hubCommand(`servers stop ${user}`, stack.name),
    );
  }
  const what = `the home of ${plain(user)}`;
  const entries = await restoreInto(stack, place, { backup, folder, mount: home.mount, what, replace });
  return {
    text: `Restored ${what}: ${entries} files and folders, each compared with the backup.`,
    json: { user, backup: backup.id, time: backup.time, entries },
  };
}

/** The database of a backup, by the same way as that of `./hub database restore`. */
async function ofDatabase(stack: OpenStack, place: Place, backup: Backup): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "jupyterhub-restore-"));
  try {
    await restoreTo(place, backup, `${places.own}/database`, join(folder, "database"));
    return await restoreDatabase(stack, join(folder, "database", "hub.sqlite"), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
