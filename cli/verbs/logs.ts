/** `npm run logs -- hub|proxy|docker-filter|NAME`: the log of a part of the stack, or of a person's server. */
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import type Docker from "dockerode";

import { ROLE_LABEL } from "../../docker-api/naming";
import { parseDuration } from "../../config/duration";
import { SetupError, messageOf } from "../../setup/errors";
import { stackOf } from "../../setup/arguments";
import {
  containersWith,
  isTask,
  nameOf,
  openStack,
  roleOf,
  runTool,
  swarmObjects,
  userOf,
  type OpenStack,
} from "../stack";

const USAGE = `Usage: npm run -s logs -- WHAT [--follow] [--tail N] [--since 10m] [--timestamps] [--stack STACK]

WHAT is hub, proxy, docker-filter or another part of the stack, or the name of a person whose server runs.
  --user       WHAT is a person, whatever the stack's parts are called
  --follow     go on until Ctrl-C
  --tail N     the last N lines (200 if --since is not given), "all" for all
  --since T    what is newer than 30s, 10m, 8h, 7d`;

interface Wanted {
  readonly what: string;
  readonly user: boolean;
  readonly stack: string;
  readonly options: {
    readonly follow: boolean;
    readonly timestamps: boolean;
    readonly tail?: number;
    readonly since?: number;
  };
}

/** @throws SetupError for what cannot be meant. */
export function parseLogArguments(argv: readonly string[], env: NodeJS.ProcessEnv, now: number): Wanted {
  const { values, positionals } = (() => {
    try {
      return parseArgs({
        args: [...argv],
        allowPositionals: true,
        options: {
          follow: { type: "boolean", short: "f", default: false },
          timestamps: { type: "boolean", default: false },
          user: { type: "boolean", default: false },
          tail: { type: "string" },
          since: { type: "string" },
          stack: { type: "string", short: "s" },
        },
      });
    } catch (error) {
      throw new SetupError(messageOf(error), USAGE);
    }
  })();
  const [what] = positionals;
  if (what === undefined || positionals.length > 1) {
    throw new SetupError(
      `logs: expected one part of the stack or one person, got ${what === undefined ? "none" : positionals.join(" ")}.`,
      USAGE,
    );
  }
  const { tail = values.since === undefined ? "200" : "all", since } = values;
  if (tail !== "all" && !/^[0-9]+$/.test(tail)) {
    throw new SetupError(`--tail: expected a number of lines or all, got ${tail}.`);
  }
  const age = since === undefined ? undefined : parseDuration(since);
  if (since !== undefined && age === undefined) {
    throw new SetupError(`--since: expected a time as 30s, 10m, 8h or 7d, got ${since}.`);
  }
  return {
    what,
    user: values.user,
    stack: stackOf(argv, env),
    options: {
      follow: values.follow,
      timestamps: values.timestamps,
      ...(tail === "all" ? {} : { tail: Number(tail) }),
      ...(age === undefined ? {} : { since: Math.floor(now / 1000) - age }),
    },
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
      "./up",
    );
  }
  return new SetupError(
    `logs: expected ${[...new Set(parts)].sort().join(", ")} or a person whose server runs, got ${what}.`,
    "The log of a server goes with it when it stops. Why one did not start is in: npm run -s logs -- hub",
  );
}

async function logs(argv: readonly string[]): Promise<void> {
  const { what, user, stack: name, options } = parseLogArguments(argv, process.env, Date.now());
  const stack = await openStack(name);
  const all = await sourcesOf(stack);
  const chosen = choose(all, what, user);
  if (chosen.length === 0) throw notFound(stack, what, all);
  await Promise.all(
    chosen.map(async ({ name: source, logs: from }) => {
      if (chosen.length > 1) stack.tell(`── ${source}`);
      const wanted = { stdout: true, stderr: true, ...options };
      if (options.follow) {
        const stream = await from.logs({ ...wanted, follow: true });
        demux(stack.docker, stream);
        await finished(stream);
      } else {
        show(await from.logs({ ...wanted, follow: false }));
      }
    }),
  );
}

/** Writes a log as it comes. */
function demux({ modem }: Docker, stream: NodeJS.ReadableStream): void {
  // The client has it, and its types have not.
  type Demux = (from: NodeJS.ReadableStream, out: NodeJS.WritableStream, err: NodeJS.WritableStream) => void;
  (modem as { demuxStream: Demux }).demuxStream(stream, process.stdout, process.stderr);
}

/** Writes a whole log: frames of a kind (1 byte), 3 unused ones, a length (4 bytes) and the text. */
function show(log: Buffer): void {
  for (let start = 0; start + 8 <= log.length;) {
    const end = start + 8 + log.readUInt32BE(start + 4);
    (log[start] === 2 ? process.stderr : process.stdout).write(log.subarray(start + 8, end));
    start = end;
  }
}

if (require.main === module) runTool(logs);
