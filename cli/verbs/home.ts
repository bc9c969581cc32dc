/** `./hub home`: people's homes, to and from tar files. */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Command } from "commander";
import type Docker from "dockerode";

import { messageOf } from "../../docker-api/errors";
import { SetupError, UsageError } from "../../setup/errors";
import { table } from "../../tasks/table";
import { type Answer, print } from "../answer";
import { type Archive, type Contents, differences, folderArchive, readArchive } from "../home/archive";
import { idleHome, removeHome, renameHome } from "../home/change";
import { shown } from "../home/copy";
import { archiveOf, MOUNT, runWith, withMount } from "../home/files";
import { type Home, type Homes, homesOf, runningContainers, usersOf } from "../home/homes";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";

async function findHome(homes: Homes, user: string): Promise<Home | undefined> {
  return (await homes.list()).find((home) => home.user === user);
}

/** The node that has a home. @throws SetupError for one that is on several. */
function nodeOf({ user, name, nodes }: Home): Home["nodes"][number] {
  const [node] = nodes;
  if (node === undefined) {
    throw new SetupError(`home: no node has the home of ${user}.`);
  }
  if (nodes.length > 1) {
    const names = nodes.map((one) => one.name).join(", ");
    throw new SetupError(
      `home: expected the home of ${user} on one node, but ${names} have a volume ${name}.`,
      `Keep the right one and remove the others, on their nodes, with: docker volume rm ${name}`,
    );
  }
  return node;
}

/** All that is in the home now. */
async function contentsNow(container: Docker.Container): Promise<Contents> {
  return (await readArchive(await archiveOf(container))).contents;
}

async function save(stack: OpenStack, user: string, file: string, force: boolean): Promise<Answer> {
  const homes = await homesOf(stack);
  const home = await findHome(homes, user);
  if (!home) {
    throw await noHome(homes, user);
  }
  if (existsSync(file) && !force) {
    throw new SetupError(
      `save: expected a file that does not exist yet, got ${file}.`,
      "--force overwrites it.",
    );
  }
  const isUsed = async (): Promise<boolean> => usersOf(await runningContainers(homes), home).length > 0;
  if (await isUsed()) {
    stack.tell(
      `Note: the server of ${user} is running: a file that is being written now may be saved incompletely.`,
    );
  }
  const part = `${file}.part`;
  try {
    const count = await withMount(stack, nodeOf(home), home.mount, async (container) => {
      const packed = file.endsWith(".gz") ? [createGzip()] : [];
      const target = createWriteStream(part, { mode: 0o600 });
      await pipeline([await archiveOf(container), ...packed, target]);
      const saved = (await archiveIn(part, file.endsWith(".gz"))).contents;
      const wrong = differences(saved, await contentsNow(container));
      if (wrong.length > 0 && !(await isUsed())) {
        throw new SetupError(`save: ${part} differs from the home: ${shown(wrong)}.`);
      }
      return saved.size;
    });
    await rename(part, file);
    stack.tell(`Saved the home of ${user} (${count} files and folders) to ${file}.`);
    return { text: "", json: { user, file, entries: count } };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function load(stack: OpenStack, user: string, file: string, replace: boolean): Promise<Answer> {
  if (!existsSync(file)) {
    throw new SetupError(`load: expected a tar file, but there is no ${file}.`);
  }
  // Read to its end before anything is touched.
  const { contents: wanted, home: header } = await archiveIn(file, file.endsWith(".gz"));
  const homes = await homesOf(stack);
  const home = (await findHome(homes, user)) ?? (await homes.make(user));
  if (usersOf(await runningContainers(homes), home).length > 0) {
    throw new SetupError(
      `load: expected no running server of ${user}, found one.`,
      "Stop it in the hub (Admin, Stop Server), then load again.",
    );
  }
  const node = nodeOf(home);
  if ((await withMount(stack, node, home.mount, contentsNow)).size > 1) {
    if (!replace) {
      throw new SetupError(
        `load: expected an empty home, but that of ${user} has files.`,
        "--replace removes them first. To keep them, save the home before.",
      );
    }
    await runWith(stack, node, home.mount, ["find", MOUNT, "-mindepth", "1", "-delete"]);
  }
  await withMount(stack, node, home.mount, async (container) => {
    const source = createReadStream(file);
    const archive = file.endsWith(".gz") ? source.pipe(createGunzip()) : source;
    await container.putArchive(archive, { path: MOUNT });
    // The engine leaves the folder that it unpacks into as it is.
    if (header) {
      await container.putArchive(await folderArchive(basename(MOUNT), header), { path: dirname(MOUNT) });
    }
    const now = new Map(await contentsNow(container));
    if (!header) {
      now.delete("");
    }
    const wrong = differences(wanted, now);
    if (wrong.length > 0) {
      throw new SetupError(`load: the home of ${user} now differs from ${file}: ${shown(wrong)}.`);
    }
  });
  stack.tell(`Loaded ${file} (${wanted.size} files and folders) into the home of ${user}.`);
  return { text: "", json: { user, file, entries: wanted.size } };
}

async function archiveIn(file: string, packed: boolean): Promise<Archive> {
  const source = createReadStream(file);
  const archive = packed ? createGunzip() : undefined;
  try {
    const found = await (archive
      ? Promise.all([readArchive(archive), pipeline(source, archive)]).then(([read]) => read)
      : readArchive(source));
    if (found.contents.size === 0) {
      throw new Error("it is empty");
    }
    return found;
  } catch (error) {
    throw new SetupError(
      `${file}: expected a tar archive${packed ? " compressed with gzip" : ""}, but ${messageOf(error)}.`,
    );
  }
}

async function noHome(homes: Homes, user: string): Promise<SetupError> {
  const known = (await homes.list()).map((home) => home.user);
  return new SetupError(
    `save: expected a person with a home, got ${user}.`,
    known.length > 0 ? `There are: ${shown(known)}.` : "There are no homes yet.",
  );
}

/** @param file what it is saved to; undefined for nothing */
async function remove(stack: OpenStack, user: string, file: string | undefined): Promise<Answer> {
  const idle = await idleHome(stack, "remove", user);
  if (file !== undefined) {
    await save(stack, user, file, false);
  }
  await removeHome(stack, idle);
  const saved = file === undefined ? "Nothing of it was saved." : `It is saved in ${file}.`;
  return {
    text: `The home of ${user} (${idle.home.name}) is removed. ${saved}`,
    json: { user, place: idle.home.name, file: file ?? null },
  };
}

async function list(stack: OpenStack): Promise<Answer> {
  const homes = await homesOf(stack);
  const [all, running] = await Promise.all([homes.list(), runningContainers(homes)]);
  const found = all.map((home) => ({
    user: home.user,
    [homes.heading.toLowerCase()]: home.name,
    ...(homes.nodes ? { nodes: home.nodes.map(({ name }) => name) } : {}),
    runningServers: usersOf(running, home),
  }));
  const heading = ["USER", homes.heading, ...(homes.nodes ? ["NODE"] : []), "RUNNING SERVERS"];
  const rows = found.map((home) => Object.values(home).map((cell) => [cell].flat().join(", ")));
  return { text: table([heading, ...rows]), json: found };
}

export function define(command: Command): void {
  command.addHelpText(
    "after",
    "\nOwners and modes are kept, and each copy is compared with its source. A file named *.gz is compressed.",
  );
  withReport(command.command("list"))
    .description("list homes, where they are, and whether their owners' servers are running")
    .action(async (_options: object, self: Command) => {
      print(self, await list(await openStack(self)));
    });
  withReport(command.command("save"))
    .description("save a person's home to a tar file")
    .argument("<name>", "the person")
    .argument("<file>", "the file to write")
    .option("--force", "overwrite an existing file")
    .action(
      async (name: string, file: string, { force = false }: { readonly force?: boolean }, self: Command) => {
        print(self, await save(await openStack(self), name, file, force));
      },
    );
  withReport(command.command("load"))
    .description("load a tar file into a person's home, while their server is stopped")
    .argument("<name>", "the person")
    .argument("<file>", "a file that save wrote, or another tar file")
    .option("--replace", "empty the home first")
    .action(
      async (
        name: string,
        file: string,
        { replace = false }: { readonly replace?: boolean },
        self: Command,
      ) => {
        print(self, await load(await openStack(self), name, file, replace));
      },
    );
  withReport(command.command("remove"))
    .description("save a person's home to a tar file, then remove the home, while their server is stopped")
    .argument("<name>", "the person")
    .argument("[file]", "the file to write; load puts it back")
    .option("--without-archive", "remove it without saving it")
    .action(
      async (
        name: string,
        file: string | undefined,
        { withoutArchive = false }: { readonly withoutArchive?: boolean },
        self: Command,
      ) => {
        if ((file === undefined) !== withoutArchive) {
          throw new UsageError("home remove: expected a file to save the home to, or --without-archive.");
        }
        print(self, await remove(await openStack(self), name, file));
      },
    );
  withReport(command.command("rename"))
    .description("give a person's home to another name, while their server is stopped")
    .argument("<old>", "the person who has it")
    .argument("<new>", "the name that has no home yet")
    .action(async (from: string, to: string, _options: object, self: Command) => {
      print(self, await renameHome(await openStack(self), from, to));
    });
}
