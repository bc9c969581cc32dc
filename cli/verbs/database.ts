/**
 * `./hub database`: a copy of the hub's database, of whatever kind it is, as one SQLite file. Only the Docker API is used,
 * so it works against a remote host too.
 */
import { createWriteStream, existsSync, openSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import type Docker from "dockerode";

import { paths } from "../../components/hub/settings/paths";
import { eachFile } from "../../docker-api/archive";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { waitFor } from "../../docker-api/wait";
import { SetupError } from "../../setup/errors";
import { failedLogs } from "../../setup/failed-containers";
import { upCommand } from "../../setup/stacks";
import { type Answer, print } from "../answer";
import { databaseAccess, dataVolume, inspect, output, put, withThrowAway } from "../database/throw-away";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";

const HEALTHY_SECONDS = 180;

/** Where a copy is in a throw-away container. */
const COPY = "/tmp/copy.sqlite";

const PROGRAM = "jupyterhub-on-docker";

/** What the hub restores at its next start. */
const READY = `${paths.data}/restore.sqlite`;

async function dump(stack: OpenStack, file: string): Promise<Answer> {
  if (existsSync(file)) {
    throw new SetupError(`${file}: expected a file that does not exist yet.`);
  }
  const { arguments: more, prepare, ...given } = await databaseAccess(stack);
  const both = `${PROGRAM} database dump "$@" && ${PROGRAM} database check "$1"`;
  return withThrowAway(stack, given, ["sh", "-c", both, "sh", COPY, ...more], async (container) => {
    await prepare(container);
    const described = await output(container);
    await eachFile(await container.getArchive({ path: COPY }), (content) =>
      pipeline(content, createWriteStream("", { fd: openSync(file, "wx", 0o600) })),
    );
    return { text: `${file}: ${described}`, json: { file, described } };
  });
}

/** What is in a copy. @throws SetupError where it cannot be restored; nothing was touched then */
function check(stack: OpenStack, file: string): Promise<string> {
  if (!existsSync(file)) {
    throw new SetupError(`${file}: expected a file made by dump, found none.`);
  }
  return withThrowAway(stack, {}, [PROGRAM, "database", "check", COPY], async (container) => {
    await put(container, COPY, { file });
    try {
      return await output(container);
    } catch (error) {
      if (!(error instanceof SetupError)) {
        throw error;
      }
      const why = error.message.replaceAll(COPY, file).replaceAll(`${PROGRAM}: `, "");
      throw new SetupError(`${why}. Nothing was changed.`);
    }
  });
}

async function restore(stack: OpenStack, file: string, later: boolean): Promise<Answer> {
  const described = await check(stack, file);
  const found = `${file}: ${described}`;
  const made = await inspect(stack, "hub");
  if (made === undefined) {
    const data = await dataVolume(stack);
    await withThrowAway(stack, { data }, ["false"], (container) => put(container, READY, { file }));
    const next = `The hub has no container. It restores ${file} at its next start: ${upCommand(stack.name)}`;
    return { text: `${found}\n${next}`, json: { file, described, restored: "at the next start" } };
  }
  const hub = stack.docker.getContainer(made.Id);
  // A hub that ends and starts, again and again, would find half a file.
  const isWell = made.State.Health?.Status === "healthy";
  if (!isWell) {
    await hub.stop({ t: 20 }).catch(ignoring(304));
  }
  await put(hub, READY, { file });
  if (later) {
    if (!isWell && (made.State.Running || made.State.Restarting)) {
      await hub.start();
    }
    const text = `${found}\nThe hub restores ${file} at its next start.`;
    return { text, json: { file, described, restored: "at the next start" } };
  }
  const since = Math.floor(Date.now() / 1000);
  await hub.restart({ t: 20 });
  if (!(await isHealthy(hub))) {
    const words = await failedLogs(stack.docker, stack.name, stack.prefix);
    throw new SetupError("The hub does not become healthy with the restored database.", ...words);
  }
  const said = demultiplex(await hub.logs({ stdout: true, stderr: true, since }));
  const lines = said.split("\n").filter((line) => line.includes(": database: "));
  return { text: [found, ...lines].join("\n"), json: { file, described, restored: "now", log: lines } };
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
      "copy the hub's database, as of now, to an SQLite file, whatever kind of database; the hub may be stopped",
    )
    .argument("<file>", "the file to create")
    .addHelpText(
      "after",
      "\nThe file contains token hashes and people's encrypted login state: protect it like a password.",
    )
    .action(async (file: string, _options: object, self: Command) => {
      print(self, await dump(await openStack(self), file));
    });
  withReport(command.command("restore"))
    .description("replace the hub's database with such a file and restart the hub; servers keep running")
    .argument("<file>", "a file that dump wrote")
    .option("--at-next-start", "restore at the hub's next start, to change the kind of database")
    .addHelpText(
      "after",
      "\nThe file is checked first: if it cannot be restored, nothing is changed or restarted.\n" +
        "A copy of the replaced database is kept on the hub's volume.",
    )
    .action(
      async (file: string, { atNextStart = false }: { readonly atNextStart?: boolean }, self: Command) => {
        print(self, await restore(await openStack(self), file, atNextStart));
      },
    );
}
