/**
 * `./hub database`: a copy of the hub's database, of whatever kind it is, as one SQLite file. Only the Docker API is used,
 * so it works against a remote host too.
 */
import { createReadStream, createWriteStream, existsSync, openSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { OWNER, paths } from "../../components/hub/settings/paths";
import { eachFile } from "../../docker-api/archive";
import { ignoring, messageOf, statusOf } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { waitFor } from "../../docker-api/wait";
import { SetupError } from "../../setup/errors";
import { failedLogs } from "../../setup/failed-containers";
import { upCommand } from "../../setup/stacks";
import { type Answer, print } from "../answer";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";

const HEALTHY_SECONDS = 180;

async function restore(stack: OpenStack, file: string, later: boolean): Promise<Answer> {
  const hub = await hubOf(stack);
  const described = await put(hub, file, later);
  const found = described === undefined ? [] : [`${file}: ${described}`];
  if (later) {
    const text = [...found, `The hub restores ${file} at its next start.`].join("\n");
    return { text, json: { file, described, restored: "at the next start" } };
  }
  const since = Math.floor(Date.now() / 1000);
  await hub.restart({ t: 20 });
  if (!(await isHealthy(hub))) {
    const words = await failedLogs(stack.docker, stack.prefix);
    throw new SetupError("The hub does not become healthy with the restored database.", ...words);
  }
  const said = demultiplex(await hub.logs({ stdout: true, stderr: true, since }));
  const lines = said.split("\n").filter((line) => line.includes(": database: "));
  return { text: [...found, ...lines].join("\n"), json: { file, described, restored: "now", log: lines } };
}

async function hubOf({ docker, prefix, name }: OpenStack): Promise<Docker.Container> {
  const hub = docker.getContainer(`${prefix}-hub`);
  await hub.inspect().catch((error: unknown) => {
    if (statusOf(error) !== 404) {
      throw error;
    }
    throw new SetupError(
      `The hub's container ${prefix}-hub: expected one on the Docker host, found none.`,
      upCommand(name),
    );
  });
  return hub;
}

/** Runs a command in the hub's container; its errors are lines that it wrote. */
async function inHub(hub: Docker.Container, ...command: string[]): Promise<string> {
  const exec = await hub
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true })
    .catch((error: unknown) => {
      throw new SetupError(`The hub's container is not running: ${messageOf(error)}`);
    });
  const stream = await exec.start({});
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  const output = demultiplex(Buffer.concat(chunks)).trim();
  const { ExitCode: code } = await exec.inspect();
  if (code !== 0) {
    throw new SetupError(output || `${command.join(" ")} exited with code ${code ?? "none"}`);
  }
  return output;
}

async function dump(hub: Docker.Container, file: string): Promise<Answer> {
  if (existsSync(file)) {
    throw new SetupError(`${file}: expected a file that does not exist yet.`);
  }
  const there = `/tmp/dump-${process.pid}.sqlite`;
  try {
    await inHub(hub, "jupyterhub-on-docker", "database", "dump", there);
    const described = await inHub(hub, "jupyterhub-on-docker", "database", "check", there);
    await eachFile(await hub.getArchive({ path: there }), (content) =>
      pipeline(content, createWriteStream("", { fd: openSync(file, "wx", 0o600) })),
    );
    return { text: `${file}: ${described}`, json: { file, described } };
  } finally {
    await inHub(hub, "rm", "-f", there).catch(() => undefined);
  }
}

/** Lays a file ready for the hub's next start, after a look at it where the hub is well. */
async function put(hub: Docker.Container, file: string, later: boolean): Promise<string | undefined> {
  if (!existsSync(file)) {
    throw new SetupError(`${file}: expected a file made by dump, found none.`);
  }
  const { State } = await hub.inspect();
  const healthy = State.Health?.Status === "healthy";
  let described: string | undefined;
  if (healthy) {
    const name = `check-${process.pid}.sqlite`;
    await upload(hub, file, "/tmp", name);
    try {
      described = await inHub(hub, "jupyterhub-on-docker", "database", "check", `/tmp/${name}`);
    } finally {
      await inHub(hub, "rm", "-f", `/tmp/${name}`).catch(() => undefined);
    }
  }
  // A hub that ends and starts, again and again, would find half a file.
  if (!healthy) {
    await hub.stop({ t: 20 }).catch(ignoring(304));
  }
  await upload(hub, file, paths.data, "restore.sqlite");
  if (!healthy && later) {
    await hub.start();
  }
  return described;
}

async function upload(hub: Docker.Container, file: string, path: string, name: string): Promise<void> {
  const archive = pack();
  const entry = archive.entry({ name, size: statSync(file).size, mode: 0o600, ...OWNER }, () => {
    archive.finalize();
  });
  createReadStream(file).pipe(entry);
  await hub.putArchive(archive, { path });
}

async function isHealthy(hub: Docker.Container): Promise<boolean> {
  const { RestartCount: before } = await hub.inspect();
  const outcome = async (): Promise<boolean | undefined> => {
    const { State, RestartCount: count } = await hub.inspect();
    if (State.Health?.Status === "healthy") {
      return true;
    }
    // A hub that ends has said why; it would end again and again.
    return State.Restarting || !State.Running || count > before ? false : undefined;
  };
  return (await waitFor(outcome, HEALTHY_SECONDS * 1000)) ?? false;
}

export function define(command: Command): void {
  withReport(command.command("dump"))
    .description(
      "copy the hub's database, as of now, to an SQLite file, whatever kind of database the hub uses",
    )
    .argument("<file>", "the file to create")
    .addHelpText(
      "after",
      "\nThe file contains token hashes and people's encrypted login state: protect it like a password.",
    )
    .action(async (file: string, _options: object, self: Command) => {
      print(self, await dump(await hubOf(await openStack(self)), file));
    });
  withReport(command.command("restore"))
    .description("replace the hub's database with such a file and restart the hub; servers keep running")
    .argument("<file>", "a file that dump wrote")
    .option("--at-next-start", "restore at the hub's next start, to change the kind of database")
    .addHelpText("after", "\nA copy of the replaced database is kept on the hub's volume.")
    .action(
      async (file: string, { atNextStart = false }: { readonly atNextStart?: boolean }, self: Command) => {
        print(self, await restore(await openStack(self), file, atNextStart));
      },
    );
}
