/** `./hub adopt`: another deployment on the same Docker host becomes a stack, and its data stays where it is. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type Docker from "dockerode";
import { stringify } from "yaml";

import { shellWord } from "../../config/commands";
import { PROJECT } from "../../config/constants";
import { stackFileName } from "../../config/stack-file";
import { ignoring } from "../../docker-api/errors";
import { physicalName } from "../../docker-api/naming";
import { client } from "../../setup/endpoint";
import { findEngine } from "../../setup/engine";
import { SetupError, UsageError } from "../../setup/errors";
import { type Machine, thisMachine } from "../../setup/machine";
import { readProject } from "../../setup/stack";
import { hubCommand, upCommand } from "../../setup/stacks";
import { layReady } from "../adopt/database";
import { findHub, hostOf, inTheWay } from "../adopt/find";
import { express } from "../adopt/keys";
import { type OldHub, readOldHub } from "../adopt/read-config";
import { type AdoptionRecord, readRecord, removeRecord, writeRecord } from "../adopt/record";
import { type Answer, print, wantsJson } from "../answer";
import { withReport } from "../program";
import { containersWith, nameOf, type OpenStack, openStack } from "../stack";
import { ask, hasTerminal } from "../terminal";

interface Options {
  readonly from?: "compose";
  readonly hub?: string;
  readonly stop?: boolean;
  readonly undo?: boolean;
  readonly remove?: boolean;
  readonly yes?: boolean;
  readonly stack?: string;
}

/** Seconds that an old container has to end by itself. */
const END_SECONDS = 20;

/** Looks, and writes the stack's file. Nothing that runs is touched. */
async function look(machine: Machine, stack: string, named: string | undefined): Promise<Answer> {
  const engine = await findEngine(machine);
  if (typeof engine === "string") {
    throw new SetupError("Docker Engine: expected one that answers, found none.", upCommand(stack));
  }
  const docker = await client(engine.endpoint, machine);
  const hub = await findHub(docker, named);
  const [old, host] = await Promise.all([readOldHub(docker, hub), hostOf(docker, hub)]);
  const { keys, homes, left, secrets } = express(old, host, `${readProject(machine).name}-${stack}`);
  const name = nameOfHub(hub);
  const all = [...left, ...databaseProblems(old)];
  const file = join(machine.root, stackFileName(stack));
  if (existsSync(file)) {
    throw new SetupError(
      `adopt: expected no ${stackFileName(stack)} yet. Nothing was written.`,
      `To continue with the file that is there: ${hubCommand(`adopt --from compose --hub ${shellWord(name)} --stop`, stack)}`,
    );
  }
  const config = Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${PROJECT}:${key}`, value]));
  const header =
    "# yaml-language-server: $schema=./config/stack-file.schema.json\n# All keys: docs/configuration.md.\n";
  const notes = all.map((line) => `# Not taken over: ${line}\n`).join("");
  writeFileSync(file, `${header}${notes}${stringify({ config })}`, { flag: "wx" });
  const next = [
    ...secrets.map((key) => hubCommand(`pulumi config set --path --secret '${PROJECT}:${key}'`, stack)),
    hubCommand(`adopt --from compose --hub ${shellWord(name)} --stop`, stack),
    upCommand(stack),
    hubCommand("adopt --undo", stack),
  ];
  const people = Object.keys(homes).sort();
  const text = [
    `Hub:       ${name}, JupyterHub ${old.version}`,
    `Database:  ${old.database.file ?? old.database.kind}, ${old.database.users.length} people`,
    `Homes:     ${people.length > 0 ? people.map((one) => `${one} (${homes[one] ?? ""})`).join(", ") : "none"}`,
    `Wrote:     ${stackFileName(stack)}. Check it before you go on.`,
    ...(all.length > 0 ? ["Not taken over:", ...all.map((line) => `  ${line}`)] : []),
    "Next:",
    ...secrets.map((_, at) => `  ${next[at] ?? ""}     the secret, which adopt does not read`),
    `  ${next[secrets.length] ?? ""}     stops the old hub and its servers, and copies the database`,
    `  ${next[secrets.length + 1] ?? ""}     brings the stack up; people find their homes`,
    `  ${next[secrets.length + 2] ?? ""}     the way back, at any time`,
  ].join("\n");
  return {
    text,
    json: { hub: name, version: old.version, database: old.database, homes, keys, left: all, next },
  };
}

function databaseProblems({ database }: OldHub): string[] {
  const { problem, kind, file } = database;
  if (kind !== "sqlite") {
    return [
      `The database: it is ${kind}, and only SQLite files are copied. The stack starts with an empty database.`,
    ];
  }
  return problem === null ? [] : [`The database ${file ?? ""}: it could not be read: ${problem}.`];
}

const nameOfHub = ({ Name }: Docker.ContainerInspectInfo): string => Name.replace(/^\//, "");

/** Stops what is in the way, and lays the database ready. */
async function stop(machine: Machine, stack: OpenStack, named: string | undefined): Promise<Answer> {
  const { docker, prefix, name, tell } = stack;
  const before = readRecord(machine, name);
  const own = await docker.getContainer(physicalName(prefix, "hub")).inspect().catch(ignoring(404));
  if (own !== undefined && before === undefined) {
    throw new SetupError(
      `adopt: stack "${name}" has a hub with a database of its own already. Nothing was stopped.`,
      "Choose another name with --stack, or copy people with: ./hub database restore",
    );
  }
  const hub = await findHub(docker, named);
  const old = await readOldHub(docker, hub);
  const host = await hostOf(docker, hub);
  const { homes } = express(old, host, prefix);
  const file = old.database.file;
  if (file === null || old.database.problem !== null) {
    throw new SetupError(`adopt: ${databaseProblems(old).join(" ")} Nothing was stopped.`);
  }
  const containers = await inTheWay(docker, hub, Object.values(homes));
  const stopped: AdoptionRecord["containers"] = [...(before?.containers ?? [])];
  for (const { Id: id } of containers) {
    const container = docker.getContainer(id);
    const { HostConfig: host_, Name } = await container.inspect();
    const { Name: policy = "", MaximumRetryCount = 0 } = host_.RestartPolicy ?? {};
    const one = { id, name: Name.replace(/^\//, ""), restart: { Name: policy || "no", MaximumRetryCount } };
    if (!stopped.some((other) => other.id === id)) {
      stopped.push(one);
    }
    // Written before it is done: the way back must be known whatever happens.
    writeRecord(machine, name, { version: 1, containers: stopped });
    await container.update({ RestartPolicy: { Name: "no" } });
    await container.stop({ t: END_SECONDS }).catch(ignoring(304, 404));
    tell(`Stopped ${one.name}.`);
  }
  const { volume, people } = await layReady(docker, hub, file, prefix);
  return {
    text: [
      `Copied the database with ${people} people to the volume ${volume}. The hub takes it at its next start.`,
      `Next:          ${upCommand(name)}`,
      `The way back:  ${hubCommand("adopt --undo", name)}`,
    ].join("\n"),
    json: { stopped: stopped.map((one) => one.name), database: { volume, people } },
  };
}

/** Stops the stack's containers, and starts those of before. */
async function undo(machine: Machine, stack: OpenStack): Promise<Answer> {
  const { docker, name, tell } = stack;
  const record = recorded(machine, name);
  const firewall = physicalName(stack.prefix, "firewall");
  const running = (await containersWith(stack)).filter(({ State }) => State === "running");
  // The firewall is the last: its rules hold until nobody's server runs.
  const inOrder = [...running].sort(
    (a, b) => Number(nameOf(a) === firewall) - Number(nameOf(b) === firewall),
  );
  for (const { Id: id } of inOrder) {
    await docker.getContainer(id).stop({ t: END_SECONDS }).catch(ignoring(304, 404));
  }
  const started: string[] = [];
  // The hub was the first: it looks for the servers when it starts.
  for (const { id, name: one, restart } of record.containers.toReversed()) {
    const container = docker.getContainer(id);
    const found = await container.inspect().catch(ignoring(404));
    if (found === undefined) {
      // DockerSpawner removes the container of a server that has stopped: the hub makes a new one.
      tell(`${one} is gone.`);
      continue;
    }
    await container.update({ RestartPolicy: restart });
    await container.start().catch(ignoring(304));
    started.push(one);
  }
  removeRecord(machine, name);
  return {
    text: [
      `Started again: ${started.join(", ")}. The old database is as it was when the old hub was stopped.`,
      `The containers of stack "${name}" are stopped. To remove them and keep the data: ${upCommand(name)} --destroy`,
    ].join("\n"),
    json: { started, stopped: inOrder.map(nameOf) },
  };
}

function recorded(machine: Machine, stack: string): AdoptionRecord {
  const record = readRecord(machine, stack);
  if (record === undefined) {
    throw new SetupError(
      `adopt: nothing was stopped for stack "${stack}", so there is nothing to start or remove.`,
    );
  }
  return record;
}

/** Removes the old containers. Their volumes stay: homes are in them. */
async function remove(machine: Machine, stack: OpenStack, yes: boolean, quiet: boolean): Promise<Answer> {
  const { containers } = recorded(machine, stack.name);
  const names = containers.map(({ name }) => name);
  stack.tell(`Old containers: ${names.join(", ")}. After this, adopt --undo is not possible. Volumes stay.`);
  if (!yes) {
    if (quiet || !hasTerminal()) {
      throw new UsageError("adopt --remove: expected --yes, since there is no terminal to ask on.");
    }
    const said = await ask("Remove them? [y/N] ", (answer) => /^y(es)?$/i.test(answer));
    if (said !== true) {
      return { text: "Nothing was removed.", json: { removed: [] }, failed: true };
    }
  }
  for (const { id, name } of containers) {
    const container = stack.docker.getContainer(id);
    const found = await container.inspect().catch(ignoring(404));
    if (found?.State.Running === true) {
      throw new SetupError(`adopt: ${name} is running again. It was not removed.`);
    }
    await container.remove().catch(ignoring(404));
  }
  removeRecord(machine, stack.name);
  return { text: `Removed ${names.join(", ")}.`, json: { removed: names } };
}

async function adopt(options: Options, self: Command): Promise<Answer> {
  const {
    from,
    hub,
    stop: stops = false,
    undo: undoes = false,
    remove: removes = false,
    yes = false,
  } = options;
  const machine = thisMachine();
  if (Number(stops) + Number(undoes) + Number(removes) > 1) {
    throw new UsageError("adopt: expected one of --stop, --undo and --remove.");
  }
  if (undoes) {
    return undo(machine, await openStack(self));
  }
  if (removes) {
    return remove(machine, await openStack(self), yes, wantsJson(self));
  }
  if (from === undefined) {
    throw new UsageError("adopt: expected --from compose.");
  }
  if (stops) {
    return stop(machine, await openStack(self), hub);
  }
  const stack = self.optsWithGlobals()["stack"] as string | undefined;
  if (stack === undefined || !/^[A-Za-z0-9._-]+$/.test(stack)) {
    throw new UsageError("adopt: expected --stack with a name for the new stack, of letters, digits, . _ -");
  }
  return look(machine, stack, hub);
}

export function define(command: Command): void {
  withReport(command)
    .addOption(
      new Option("--from <kind>", "what to adopt: a hub in a container with DockerSpawner").choices([
        "compose",
      ]),
    )
    .option("--hub <container>", "the old hub's container, if it is not the only one")
    .option("--stop", "stop the old hub and its servers, and copy its database for the stack")
    .option("--undo", "stop the stack's containers and start the old ones again")
    .option("--remove", "remove the old containers; volumes stay")
    .option("--yes", "with --remove: do not ask")
    .addHelpText(
      "after",
      `
Without --stop, it only looks, and writes the file of the new stack: Pulumi.<stack>.yaml. Homes are never moved or copied.
docs/adopting.md describes each step.`,
    )
    .action(async (options: Options, self: Command) => {
      print(self, await adopt(options, self));
    });
}
