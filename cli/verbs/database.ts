/**
 * `npm run database -- dump FILE` and `restore FILE`: a copy of the hub's database, of whatever kind it is, as one SQLite
 * file. Only the Docker API is used, so it works against a remote host too.
 */
import { createWriteStream, existsSync, openSync, statSync, createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import type Docker from "dockerode";
import { extract, pack } from "tar-stream";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { stackOf } from "../../setup/arguments";
import { SetupError, messageOf } from "../../setup/errors";
import { lastWords } from "../../setup/failure";
import { openStack, runTool } from "../stack";

const usage = `Usage: npm run -s database -- dump FILE [--stack STACK]
       npm run -s database -- restore FILE [--at-next-start] [--stack STACK]

dump     writes all that the hub knows, as of now, to FILE: an SQLite database, whatever kind the hub's is. It holds
         hashes of tokens and people's encrypted login state: keep it as you keep a password.
restore  puts such a FILE in place of the hub's database, after a copy of that on the hub's volume, and restarts the
         hub; notebook servers run on. With --at-next-start it waits for the next start of the hub: for a change of the
         kind of database.`;

/** The hub's user, and its folder. */
const owner = { uid: 10001, gid: 10001 };
const folder = "/srv/jupyterhub";
const healthySeconds = 180;

interface Wanted {
  readonly action: "dump" | "restore";
  readonly file: string;
  readonly later: boolean;
}

/** @throws SetupError for what cannot be meant. */
export function parseDatabaseArguments(argv: readonly string[]): Wanted {
  const { values, positionals } = (() => {
    try {
      return parseArgs({
        args: [...argv],
        allowPositionals: true,
        options: {
          "at-next-start": { type: "boolean", default: false },
          stack: { type: "string", short: "s" },
        },
      });
    } catch (error) {
      throw new SetupError(messageOf(error), usage);
    }
  })();
  const [action, file, ...rest] = positionals;
  if ((action !== "dump" && action !== "restore") || file === undefined || rest.length > 0) {
    throw new SetupError(
      `database: expected dump or restore and a file, got ${positionals.join(" ") || "nothing"}.`,
      usage,
    );
  }
  return { action, file, later: values["at-next-start"] };
}

async function main(argv: readonly string[]): Promise<void> {
  const { action, file, later } = parseDatabaseArguments(argv);
  const { docker, prefix } = await openStack(stackOf(argv, process.env));
  const hub = await hubOf(docker, prefix);
  if (action === "dump") return dump(hub, file);
  await put(hub, file, later);
  if (later) {
    say(`The hub restores ${file} at its next start.`);
    return;
  }
  const since = Math.floor(Date.now() / 1000);
  await hub.restart({ t: 20 });
  if (!(await isHealthy(hub))) {
    const words = await lastWords(docker, prefix);
    throw new SetupError("The hub does not come up with what was restored.", ...words);
  }
  const said = demultiplex(await hub.logs({ stdout: true, stderr: true, since }));
  said
    .split("\n")
    .filter((line) => line.includes(": database: "))
    .forEach(say);
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function hubOf(docker: Docker, prefix: string): Promise<Docker.Container> {
  const hub = docker.getContainer(`${prefix}-hub`);
  await hub.inspect().catch((error: unknown) => {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    throw new SetupError(
      `The hub's container ${prefix}-hub: expected one on the Docker host, found none.`,
      "./up",
    );
  });
  return hub;
}

/** Runs a command in the hub's container; its errors are lines that it wrote. */
async function inHub(hub: Docker.Container, ...command: string[]): Promise<string> {
  const exec = await hub
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true })
    .catch((error: unknown) => {
      throw new SetupError(`The hub's container does not run: ${messageOf(error)}`);
    });
  const stream = await exec.start({});
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const output = demultiplex(Buffer.concat(chunks)).trim();
  const { ExitCode: code } = await exec.inspect();
  if (code !== 0) throw new SetupError(output || `${command.join(" ")} ended with code ${code ?? "none"}`);
  return output;
}

async function dump(hub: Docker.Container, file: string): Promise<void> {
  if (existsSync(file)) throw new SetupError(`${file}: expected a file that does not exist yet.`);
  const there = `/tmp/dump-${process.pid}.sqlite`;
  try {
    await inHub(hub, "jupyterhub-on-docker", "database", "dump", there);
    const described = await inHub(hub, "jupyterhub-on-docker", "database", "check", there);
    const archive = await hub.getArchive({ path: there });
    const files = extract();
    files.on("entry", (_header, stream, next) => {
      pipeline(stream, createWriteStream("", { fd: openSync(file, "wx", 0o600) })).then(() => {
        next();
      }, next);
    });
    await pipeline(archive, files);
    say(`${file}: ${described}`);
  } finally {
    await inHub(hub, "rm", "-f", there).catch(() => undefined);
  }
}

/** Lays a file ready for the hub's next start, after a look at it where the hub is well. */
async function put(hub: Docker.Container, file: string, later: boolean): Promise<void> {
  if (!existsSync(file)) throw new SetupError(`${file}: expected a file made by dump, found none.`);
  const { State } = await hub.inspect();
  const healthy = State.Health?.Status === "healthy";
  if (healthy) {
    const name = `check-${process.pid}.sqlite`;
    await upload(hub, file, "/tmp", name);
    try {
      say(`${file}: ${await inHub(hub, "jupyterhub-on-docker", "database", "check", `/tmp/${name}`)}`);
    } finally {
      await inHub(hub, "rm", "-f", `/tmp/${name}`).catch(() => undefined);
    }
  }
  // A hub that ends and starts, again and again, would find half a file.
  if (!healthy) await hub.stop({ t: 20 }).catch(ignoring(304));
  await upload(hub, file, folder, "restore.sqlite");
  if (!healthy && later) await hub.start();
}

async function upload(hub: Docker.Container, file: string, path: string, name: string): Promise<void> {
  const archive = pack();
  const entry = archive.entry({ name, size: statSync(file).size, mode: 0o600, ...owner }, () => {
    archive.finalize();
  });
  createReadStream(file).pipe(entry);
  await hub.putArchive(archive, { path });
}

async function isHealthy(hub: Docker.Container): Promise<boolean> {
  const { RestartCount: before } = await hub.inspect();
  for (const end = Date.now() + healthySeconds * 1000; Date.now() < end;) {
    const { State, RestartCount: count } = await hub.inspect();
    if (State.Health?.Status === "healthy") return true;
    // A hub that ends has said why; it would end again and again.
    if (State.Restarting || !State.Running || count > before) return false;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

if (require.main === module) runTool(main);
