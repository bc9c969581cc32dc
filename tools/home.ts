/** `npm run home -- list | save NAME FILE | load NAME FILE`: people's homes, to and from tar files. */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGunzip, createGzip } from "node:zlib";
import type Docker from "dockerode";

import { labels, physicalName, ROLE_LABEL, STACK_LABEL } from "../components/naming";
import { stackOf } from "../setup/arguments";
import { SetupError, messageOf } from "../setup/errors";
import { differences, folderArchive, readArchive, type Archive, type Contents } from "./home-archive";
import { homeVolumeNames } from "./home-name";
import { nameOf, openStack, runTool, table, USER_LABEL, userOf, volumesWith, type OpenStack } from "./stack";

const USAGE = `Usage: npm run -s home -- list [--stack STACK]
       npm run -s home -- save NAME FILE [--force] [--stack STACK]
       npm run -s home -- load NAME FILE [--replace] [--stack STACK]

list     homes, and whether their people's servers run
save     the home of NAME into a tar file, packed if it ends in .gz; --force writes over a file
load     a tar file into the home of NAME, whose server must not run; --replace removes what is in the home before

Owners and modes are kept, and each copy is compared with what it was made from.`;

/** Where the home is in the helper's container. */
const MOUNT = "/home-copy";

interface Home {
  readonly volume: string;
  readonly user: string;
}

async function findHome(stack: OpenStack, user: string): Promise<Home | undefined> {
  const [found] = await volumesWith(stack, { [ROLE_LABEL]: "home", [USER_LABEL]: user });
  return found && { volume: found.Name, user };
}

async function isUsed(stack: OpenStack, volume: string): Promise<boolean> {
  const using = await stack.docker.listContainers({ filters: { volume: [volume] } });
  return using.length > 0;
}

/** Mounts a volume into a container that never runs: its files are read and written by the Docker API alone. */
async function withVolume<T>(
  stack: OpenStack,
  volume: string,
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  // Any image will do, and this one is there.
  const hub = await stack.docker
    .getContainer(physicalName(stack.prefix, "hub"))
    .inspect()
    .catch((): never => {
      throw new SetupError(
        `The hub of stack "${stack.name}" (${stack.prefix}) is not on its Docker host.`,
        "./up",
      );
    });
  const container = await stack.docker.createContainer({
    Image: hub.Image,
    Cmd: ["false"],
    Labels: Object.fromEntries(labels(stack.prefix, "home-copy").map(({ label, value }) => [label, value])),
    HostConfig: { Binds: [`${volume}:${MOUNT}`], NetworkMode: "none" },
  });
  try {
    return await use(container);
  } finally {
    await container.remove({ force: true });
  }
}

/** All that is in the home now. */
async function contentsNow(container: Docker.Container): Promise<Contents> {
  return (await readArchive(await archiveOf(container))).contents;
}

async function archiveOf(container: Docker.Container): Promise<Readable> {
  return Readable.from(await container.getArchive({ path: `${MOUNT}/.` }));
}

async function save(stack: OpenStack, user: string, file: string, force: boolean): Promise<void> {
  await homeVolumeNames(stack);
  const home = await findHome(stack, user);
  if (!home) throw await noHome(stack, user);
  if (existsSync(file) && !force) {
    throw new SetupError(
      `save: expected a file that is not there yet, got ${file}.`,
      "--force writes over it.",
    );
  }
  if (await isUsed(stack, home.volume)) {
    stack.tell(`Note: the server of ${user} runs: a file that is written just now may be saved half.`);
  }
  const part = `${file}.part`;
  try {
    const count = await withVolume(stack, home.volume, async (container) => {
      const packed = file.endsWith(".gz") ? [createGzip()] : [];
      const target = createWriteStream(part, { mode: 0o600 });
      await pipeline([await archiveOf(container), ...packed, target]);
      const saved = (await archiveIn(part, file.endsWith(".gz"))).contents;
      const wrong = differences(saved, await contentsNow(container));
      if (wrong.length > 0 && !(await isUsed(stack, home.volume))) {
        throw new SetupError(`save: ${part} is not what is in the home: ${shown(wrong)}.`);
      }
      return saved.size;
    });
    await rename(part, file);
    stack.tell(`Saved the home of ${user} (${count} files and folders) in ${file}.`);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function load(stack: OpenStack, user: string, file: string, replace: boolean): Promise<void> {
  if (!existsSync(file)) throw new SetupError(`load: expected a tar file, but there is no ${file}.`);
  // Read to its end before anything is touched.
  const { contents: wanted, home } = await archiveIn(file, file.endsWith(".gz"));
  const nameOfVolume = await homeVolumeNames(stack);
  const volume = (await findHome(stack, user))?.volume ?? nameOfVolume(user);
  if (await isUsed(stack, volume)) {
    throw new SetupError(
      `load: expected that no server of ${user} runs, but one does.`,
      "Stop it in the hub (Admin, Stop Server), then load again.",
    );
  }
  await makeVolume(stack, volume, user);
  if ((await withVolume(stack, volume, contentsNow)).size > 1) {
    if (!replace) {
      throw new SetupError(
        `load: expected an empty home, but that of ${user} has files.`,
        "--replace removes them before. To keep them, save them first.",
      );
    }
    await stack.docker.getVolume(volume).remove();
    await makeVolume(stack, volume, user);
  }
  await withVolume(stack, volume, async (container) => {
    const source = createReadStream(file);
    const archive = file.endsWith(".gz") ? source.pipe(createGunzip()) : source;
    await container.putArchive(archive, { path: MOUNT });
    // The engine leaves the folder that it unpacks into as it is.
    if (home)
      await container.putArchive(await folderArchive(basename(MOUNT), home), { path: dirname(MOUNT) });
    const now = new Map(await contentsNow(container));
    if (!home) now.delete("");
    const wrong = differences(wanted, now);
    if (wrong.length > 0) {
      throw new SetupError(
        `load: what is in the home of ${user} now is not what is in ${file}: ${shown(wrong)}.`,
      );
    }
  });
  stack.tell(`Loaded ${file} (${wanted.size} files and folders) into the home of ${user}.`);
}

/** Does nothing where the volume exists. */
async function makeVolume(stack: OpenStack, volume: string, user: string): Promise<void> {
  await stack.docker.createVolume({
    Name: volume,
    Labels: { [STACK_LABEL]: stack.prefix, [ROLE_LABEL]: "home", [USER_LABEL]: user },
  });
}

async function archiveIn(file: string, packed: boolean): Promise<Archive> {
  const source = createReadStream(file);
  const archive = packed ? createGunzip() : undefined;
  try {
    const found = await (archive
      ? Promise.all([readArchive(archive), pipeline(source, archive)]).then(([read]) => read)
      : readArchive(source));
    if (found.contents.size === 0) throw new Error("nothing is in it");
    return found;
  } catch (error) {
    throw new SetupError(
      `${file}: expected a tar archive${packed ? " packed with gzip" : ""}, but ${messageOf(error)}.`,
    );
  }
}

const shown = (names: readonly string[]): string =>
  names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");

async function noHome(stack: OpenStack, user: string): Promise<SetupError> {
  const known = (await volumesWith(stack, { [ROLE_LABEL]: "home" })).map(({ Labels }) => userOf(Labels));
  return new SetupError(
    `save: expected a person with a home, got ${user}.`,
    known.length > 0 ? `There are: ${shown(known)}.` : "There are no homes yet.",
  );
}

async function list(stack: OpenStack): Promise<void> {
  await homeVolumeNames(stack);
  const homes = await volumesWith(stack, { [ROLE_LABEL]: "home" });
  const rows = homes.map(async ({ Name, Labels }) => {
    const using = await stack.docker.listContainers({ filters: { volume: [Name] } });
    return [userOf(Labels), Name, using.map(nameOf).join(", ")];
  });
  process.stdout.write(table([["USER", "VOLUME", "RUNNING SERVERS"], ...(await Promise.all(rows))]));
}

async function home(argv: readonly string[]): Promise<void> {
  const { values, positionals } = (() => {
    try {
      const boolean = { type: "boolean", default: false } as const;
      const options = { force: boolean, replace: boolean, stack: { type: "string", short: "s" } } as const;
      return parseArgs({ args: [...argv], allowPositionals: true, options });
    } catch (error) {
      throw new SetupError(messageOf(error), USAGE);
    }
  })();
  const [action, user, file, ...more] = positionals;
  const stack = () => openStack(stackOf(argv, process.env));
  if (action === "list" && user === undefined) return list(await stack());
  if (user !== undefined && file !== undefined && more.length === 0) {
    if (action === "save") return save(await stack(), user, file, values.force);
    if (action === "load") return load(await stack(), user, file, values.replace);
  }
  throw new SetupError(
    `home: expected list, save NAME FILE or load NAME FILE, got ${positionals.join(" ") || "nothing"}.`,
    USAGE,
  );
}

if (require.main === module) runTool(home);
