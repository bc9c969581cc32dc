/** `npm run home -- list | save NAME FILE | load NAME FILE`: people's homes, to and from tar files. */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGunzip, createGzip } from "node:zlib";
import type Docker from "dockerode";

import { shownName } from "../../config/names";
import { stackOf } from "../../setup/arguments";
import { SetupError, messageOf } from "../../setup/errors";
import { openStack, runTool, table, type OpenStack } from "../stack";
import { differences, folderArchive, readArchive, type Archive, type Contents } from "../home/archive";
import { archiveOf, MOUNT, runWith, withMount } from "../home/files";
import { homesOf, runningContainers, usersOf, type Home, type Homes } from "../home/homes";

const USAGE = `Usage: npm run -s home -- list [--stack STACK]
       npm run -s home -- save NAME FILE [--force] [--stack STACK]
       npm run -s home -- load NAME FILE [--replace] [--stack STACK]

list     homes, and whether their people's servers run
save     the home of NAME into a tar file, packed if it ends in .gz; --force writes over a file
load     a tar file into the home of NAME, whose server must not run; --replace removes what is in the home before

Owners and modes are kept, and each copy is compared with what it was made from.`;

async function findHome(homes: Homes, user: string): Promise<Home | undefined> {
  return (await homes.list()).find((home) => home.user === user);
}

/** The node that has a home. @throws SetupError for one that is on several. */
function nodeOf({ user, name, nodes }: Home): Home["nodes"][number] {
  const [node] = nodes;
  if (node === undefined) throw new SetupError(`home: no node has the home of ${user}.`);
  if (nodes.length > 1) {
    const names = nodes.map((one) => one.name).join(", ");
    throw new SetupError(
      `home: expected the home of ${user} on one node, but ${names} have a volume ${name}.`,
      "Remove (docker volume rm) all but the right one.",
    );
  }
  return node;
}

/** All that is in the home now. */
async function contentsNow(container: Docker.Container): Promise<Contents> {
  return (await readArchive(await archiveOf(container))).contents;
}

async function save(stack: OpenStack, user: string, file: string, force: boolean): Promise<void> {
  const homes = await homesOf(stack);
  const home = await findHome(homes, user);
  if (!home) throw await noHome(homes, user);
  if (existsSync(file) && !force) {
    throw new SetupError(
      `save: expected a file that is not there yet, got ${file}.`,
      "--force writes over it.",
    );
  }
  const isUsed = async (): Promise<boolean> => usersOf(await runningContainers(homes), home).length > 0;
  if (await isUsed()) {
    stack.tell(`Note: the server of ${user} runs: a file that is written just now may be saved half.`);
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
  const { contents: wanted, home: header } = await archiveIn(file, file.endsWith(".gz"));
  const homes = await homesOf(stack);
  const home = (await findHome(homes, user)) ?? (await homes.make(user));
  if (usersOf(await runningContainers(homes), home).length > 0) {
    throw new SetupError(
      `load: expected that no server of ${user} runs, but one does.`,
      "Stop it in the hub (Admin, Stop Server), then load again.",
    );
  }
  const node = nodeOf(home);
  if ((await withMount(stack, node, home.mount, contentsNow)).size > 1) {
    if (!replace) {
      throw new SetupError(
        `load: expected an empty home, but that of ${user} has files.`,
        "--replace removes them before. To keep them, save them first.",
      );
    }
    await runWith(stack, node, home.mount, ["find", MOUNT, "-mindepth", "1", "-delete"]);
  }
  await withMount(stack, node, home.mount, async (container) => {
    const source = createReadStream(file);
    const archive = file.endsWith(".gz") ? source.pipe(createGunzip()) : source;
    await container.putArchive(archive, { path: MOUNT });
    // The engine leaves the folder that it unpacks into as it is.
    if (header)
      await container.putArchive(await folderArchive(basename(MOUNT), header), { path: dirname(MOUNT) });
    const now = new Map(await contentsNow(container));
    if (!header) now.delete("");
    const wrong = differences(wanted, now);
    if (wrong.length > 0) {
      throw new SetupError(
        `load: what is in the home of ${user} now is not what is in ${file}: ${shown(wrong)}.`,
      );
    }
  });
  stack.tell(`Loaded ${file} (${wanted.size} files and folders) into the home of ${user}.`);
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
  names.slice(0, 5).map(shownName).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");

async function noHome(homes: Homes, user: string): Promise<SetupError> {
  const known = (await homes.list()).map((home) => home.user);
  return new SetupError(
    `save: expected a person with a home, got ${user}.`,
    known.length > 0 ? `There are: ${shown(known)}.` : "There are no homes yet.",
  );
}

async function list(stack: OpenStack): Promise<void> {
  const homes = await homesOf(stack);
  const [all, running] = await Promise.all([homes.list(), runningContainers(homes)]);
  const rows = all.map((home) => [
    home.user,
    home.name,
    ...(homes.nodes ? [home.nodes.map(({ name }) => name).join(", ")] : []),
    usersOf(running, home).join(", "),
  ]);
  const heading = ["USER", homes.heading, ...(homes.nodes ? ["NODE"] : []), "RUNNING SERVERS"];
  process.stdout.write(table([heading, ...rows]));
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
