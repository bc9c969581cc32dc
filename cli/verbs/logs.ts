/** `./hub logs`: the log of a part of the stack, or of a person's server. */
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import type Docker from "dockerode";

import { shellWord } from "../../config/commands";
import { parseDuration } from "../../config/values/duration";
import { isElsewhere } from "../../docker-api/logs";
import { ROLE_LABEL } from "../../docker-api/naming";
import { plain, plainStream } from "../../docker-api/plain";
import { SetupError } from "../../setup/errors";
import { hubCommand, upCommand } from "../../setup/stacks";
import { describe, type EndedServer, endedServers } from "../ended-servers";
import { withStack } from "../program";
import {
  containersWith,
  isTask,
  nameOf,
  type OpenStack,
  openStack,
  roleOf,
  swarmObjects,
  userOf,
} from "../stack";

/** What is shown of a log. */
export interface LogOptions {
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  /** The person of this name, whatever the stack's parts are called. */
  readonly user?: boolean;
  /** The last lines of the person's servers that ended, although another one runs. */
  readonly previous?: boolean;
  /** Lines; `all` for all. @default 200, or all where `since` is given */
  readonly tail?: number | "all";
  /** Seconds before now. */
  readonly since?: number;
}

/** @throws InvalidArgumentError for what is neither a number of lines nor `all` */
export function parseTail(value: string): number | "all" {
  if (value === "all") {
    return value;
  }
  if (/^[0-9]+$/.test(value)) {
    return Number(value);
  }
  throw new InvalidArgumentError("Expected a number of lines or all.");
}

/** @returns seconds. @throws InvalidArgumentError for what is no time */
export function parseSince(value: string): number {
  const age = parseDuration(value);
  if (age === undefined) {
    throw new InvalidArgumentError("Expected a time as 30s, 10m, 8h or 7d.");
  }
  return age;
}

/** As the engine takes it. @param now in milliseconds */
export function query({ timestamps = false, tail, since }: LogOptions, now: number) {
  const lines = tail ?? (since === undefined ? 200 : "all");
  return {
    stdout: true,
    stderr: true,
    timestamps,
    ...(lines === "all" ? {} : { tail: lines }),
    ...(since === undefined ? {} : { since: Math.floor(now / 1000) - since }),
  };
}

/** What has a log: a container, or a service of a Swarm with all its tasks, on whatever nodes. */
export interface Source {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logs: Pick<Docker.Container, "logs">;
}

/** All of the stack that has a log, by name. */
async function sourcesOf(stack: OpenStack): Promise<Source[]> {
  const [containers, { services }] = await Promise.all([containersWith(stack), swarmObjects(stack)]);
  const of = containers
    .filter((container) => !isTask(container))
    .map((container) => ({
      name: nameOf(container),
      labels: container.Labels,
      logs: stack.docker.getContainer(container.Id),
    }));
  return [
    ...of,
    ...services.map(({ ID, Spec }) => ({
      name: Spec.Name,
      labels: Spec.Labels,
      // The client's type of this answer is that of a stream, also where it is none.
      logs: stack.docker.getService(ID) as unknown as Source["logs"],
    })),
  ];
}

/** What has the log of a part of the stack, else of a person's servers. */
export function choose(sources: readonly Source[], what: string, user: boolean): Source[] {
  const parts = sources.filter(({ labels }) => roleOf(labels) !== "user");
  const chosen = user ? [] : parts.filter(({ labels }) => roleOf(labels) === what);
  return chosen.length > 0
    ? chosen
    : sources.filter(({ labels }) => roleOf(labels) === "user" && userOf(labels) === what);
}

function notFound(stack: OpenStack, what: string, sources: readonly Source[]): SetupError {
  const parts = sources.map(({ labels }) => labels[ROLE_LABEL] ?? "").filter((role) => role !== "user");
  if (parts.length === 0) {
    return new SetupError(
      `Nothing of stack "${stack.name}" (${stack.prefix}) is on its Docker host.`,
      upCommand(stack.name),
    );
  }
  return new SetupError(
    `logs: expected ${[...new Set(parts)].sort().join(", ")} or a person with a server, got ${what}.`,
    `The last lines of servers that ended are kept, of the newest 256. The hub's log: ${hubCommand("logs hub", stack.name)}`,
  );
}

async function logs(stack: OpenStack, what: string, options: LogOptions): Promise<void> {
  const all = await sourcesOf(stack);
  const chosen = options.previous ? [] : choose(all, what, options.user ?? false);
  const isPart = chosen.some(({ labels }) => roleOf(labels) !== "user");
  const ended = isPart ? [] : await endedServers(stack, what);
  if (chosen.length === 0) {
    if (ended.length === 0) {
      throw notFound(stack, what, all);
    }
    showEnded(stack, ended, options);
    return;
  }
  for (const one of ended) {
    stack.tell(
      `${describe(one)}. Its last lines: ${hubCommand(`logs ${shellWord(what)} --previous`, stack.name)}`,
    );
  }
  const wanted = query(options, Date.now());
  await Promise.all(
    chosen.map(async ({ name: source, labels, logs: from }) => {
      // What a person's server writes is that person's, and not for an administrator's terminal.
      const to = roleOf(labels) === "user" ? [process.stdout, process.stderr].map(guarded) : OUTPUTS;
      if (chosen.length > 1) {
        stack.tell(`── ${source}`);
      }
      try {
        if (options.follow) {
          const stream = await from.logs({ ...wanted, follow: true });
          demux(stack.docker, stream, to);
          await finished(stream);
        } else {
          show(await from.logs({ ...wanted, follow: false }), to);
        }
      } catch (error) {
        throw isElsewhere(error) ? elsewhere(source) : error;
      }
    }),
  );
}

/** The error for a log that the engine keeps nothing of. */
export function elsewhere(source: string): SetupError {
  return new SetupError(
    `logs: the Docker Engine keeps no lines of ${source}: they go only to where logging.driver and logging.options send them.`,
    "Look there. To have the last lines here too, remove cache-disabled from logging.options.",
  );
}

/** Writes what is kept of servers that are no more. */
function showEnded(stack: OpenStack, ended: readonly EndedServer[], { tail }: LogOptions): void {
  for (const one of ended) {
    stack.tell(describe(one));
    const lines =
      typeof tail === "number" ? one.log.slice(one.log.length - Math.min(tail, one.log.length)) : one.log;
    process.stdout.write(plain(lines.map((line) => `${line}\n`).join("")));
  }
}

const OUTPUTS: readonly Writable[] = [process.stdout, process.stderr];

/** A stream before a terminal that keeps from it what would be taken for commands; a file gets all as it is. */
function guarded(output: NodeJS.WriteStream): Writable {
  if (!output.isTTY) {
    return output;
  }
  const stream = plainStream();
  stream.pipe(output);
  return stream;
}

/** Writes a log as it comes. */
function demux({ modem }: Docker, stream: NodeJS.ReadableStream, [out, err]: readonly Writable[]): void {
  // The client has it, and its types have not.
  type Demux = (from: NodeJS.ReadableStream, out: NodeJS.WritableStream, err: NodeJS.WritableStream) => void;
  (modem as { demuxStream: Demux }).demuxStream(stream, out ?? process.stdout, err ?? process.stderr);
}

/** Writes a whole log: frames of a kind (1 byte), 3 unused ones, a length (4 bytes) and the text. */
function show(log: Buffer, [out, err]: readonly Writable[]): void {
  for (let start = 0; start + 8 <= log.length;) {
    const end = start + 8 + log.readUInt32BE(start + 4);
    (log[start] === 2 ? err : out)?.write(log.subarray(start + 8, end));
    start = end;
  }
}

export function define(command: Command): void {
  withStack(command)
    .argument(
      "<what>",
      "hub, proxy, docker-filter or another part of the stack, or a person: their server that runs or ended",
    )
    .option("-f, --follow", "follow the log until Ctrl-C")
    .option("--tail <lines>", 'the last lines, "all" for all (default: 200, or all with --since)', parseTail)
    .option("--since <time>", "only lines newer than 30s, 10m, 8h or 7d", parseSince)
    .option("--timestamps", "show the time of each line")
    .option("--previous", "why the person's last server ended, and its last lines, even if another one runs")
    .option("--user", "WHAT is a person, even if a part of the stack has that name")
    .action(async (what: string, options: LogOptions, self: Command) => {
      await logs(await openStack(self), what, options);
    });
}
