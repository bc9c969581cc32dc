/** All of a backup into a stack that was just brought up: on a new machine, say. */
import { places } from "../../components/backup/settings";
import { ignoring } from "../../docker-api/errors";
import { physicalName, ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";
import { hubCommand } from "../../setup/stacks";
import type { Answer } from "../answer";
import { MOUNT } from "../home/files";
import { homesOf } from "../home/homes";
import { personOfVolume } from "../home/names";
import type { Place } from "../hub-place";
import { servers } from "../servers/list";
import type { OpenStack } from "../stack";
import type { Backup } from "./backups";
import { restoreInto } from "./restore";

const VOLUME = new RegExp(`^${places.volumes}/([A-Za-z0-9_.-]+)/_data$`);

/**
 * @param replace whether homes and folders that have files are emptied first
 * @param database restores the database
 */
export async function restoreEverything(
  stack: OpenStack,
  place: Place,
  backup: Backup,
  replace: boolean,
  database: (stack: OpenStack, place: Place, backup: Backup) => Promise<Answer>,
): Promise<Answer> {
  const running = await servers(stack);
  if (running.length > 0) {
    throw new SetupError(
      `restore --all: expected no running server, found ${running.length}.`,
      hubCommand("servers stop --all", stack.name),
    );
  }
  const { template, tree } = (await homesOf(stack)).place;
  const done: { readonly what: string; readonly entries: number }[] = [];
  const keep = async (what: string, folder: string, mount: Parameters<typeof restoreInto>[2]["mount"]) => {
    const entries = await restoreInto(stack, place, { backup, folder, mount, what, replace });
    stack.tell(`Restored ${what}: ${entries} files and folders.`);
    done.push({ what, entries });
  };
  const own = new Set([physicalName(stack.prefix, "hub-data"), physicalName(stack.prefix, "acme")]);
  for (const folder of backup.paths) {
    const volume = VOLUME.exec(folder)?.[1];
    if (volume !== undefined && !own.has(volume)) {
      const user = personOfVolume(template, volume);
      await makeVolume(stack, volume, user);
      const what = user === undefined ? `the volume ${volume}` : `the home of ${user}`;
      await keep(what, folder, { Type: "volume", Source: volume, Target: MOUNT });
    }
    if (folder === places.tree && tree !== undefined) {
      await keep(`the folder ${tree}`, folder, { Type: "bind", Source: tree, Target: MOUNT });
    }
  }
  // Last: the hub that starts with it finds all homes.
  const { text, json } = await database(stack, place, backup);
  return {
    text: [`Restored ${done.length} homes and folders, each compared with the backup.`, text].join("\n"),
    json: { backup: backup.id, time: backup.time, restored: done, database: json },
  };
}

/** As the hub makes them, where there is none yet. */
async function makeVolume(
  { docker, prefix }: OpenStack,
  name: string,
  user: string | undefined,
): Promise<void> {
  if ((await docker.getVolume(name).inspect().catch(ignoring(404))) === undefined) {
    const role = user === undefined ? "folder" : "home";
    await docker.createVolume({
      Name: name,
      Labels: {
        [STACK_LABEL]: prefix,
        [ROLE_LABEL]: role,
        ...(user === undefined ? {} : { [USER_LABEL]: user }),
      },
    });
  }
}
