/** Tries the list from inside a throw-away server, with controls beside it. Everything goes through the Docker API. */
import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";

import { UNLIMITED } from "../../config/schema/limits";
import { runIn } from "../../docker-api/exec";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { attempt, controlAttempt } from "./attempt";
import { collect, type Facts } from "./facts";
import { type Attempt, type HostListener, NEIGHBOUR_PORTS, neighboursServer, probes } from "./list";
import { outsideName } from "./outside";
import { type Outcome, type Row, rows } from "./report";
import { PROBE, TARGETS } from "./scripts";

/** Seconds in which a throw-away container has to be up, or done. */
const TIMEOUT = 60;

/** Seconds for all probes of a list: each has a time limit of its own, a few seconds. */
const ATTACK_TIMEOUT = 600;

/** A container as the hub would make it for a user, but for its command and home. */
export function notebookLike(facts: Facts): Docker.ContainerCreateOptions {
  const { server, owner } = facts;
  const { limits } = server;
  return {
    Image: server.image,
    User: `${owner.uid}:${owner.gid}`,
    HostConfig: {
      NetworkMode: server.network,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      PidsLimit: limits.processes,
      Init: true,
      Memory: limits.memory,
      MemorySwap: limits.swap === UNLIMITED ? UNLIMITED : limits.memory + limits.swap,
      CpuPeriod: 100_000,
      CpuQuota: Math.round(limits.cpus * 100_000),
      ...(facts.dns.length === 0 ? {} : { Dns: [...facts.dns], DnsOptions: [...facts.dnsOptions] }),
    },
  };
}

/** On the host's network and with the privileges that a notebook server has not: what is tried works here. */
function controlLike(facts: Facts): Docker.ContainerCreateOptions {
  return {
    Image: facts.ownImage,
    User: "0:0",
    HostConfig: {
      NetworkMode: "host",
      PidMode: "host",
      CapAdd: ["SYS_ADMIN", "SYS_PTRACE", "NET_RAW"],
      SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
      Memory: 256 * 1024 ** 2,
    },
  };
}

/** Runs the probes in a running container. */
async function attack(
  container: Docker.Container,
  list: readonly Attempt[],
): Promise<Record<string, Outcome>> {
  const command = ["python3", "-c", PROBE, "attack", JSON.stringify(list)];
  const { output, log } = await runIn(container, command, ATTACK_TIMEOUT);
  if (output === "") {
    throw new Error(`the probe printed nothing: ${log.trim()}`);
  }
  return JSON.parse(output) as Record<string, Outcome>;
}

/** Takes a container's output and its errors apart. */
function split(
  container: Docker.Container,
  from: NodeJS.ReadableStream,
  output: PassThrough,
  errors: PassThrough,
) {
  const modem = container.modem as {
    demuxStream(from: NodeJS.ReadableStream, output: PassThrough, errors: PassThrough): void;
  };
  modem.demuxStream(from, output, errors);
}

class OneOffContainer {
  private constructor(readonly container: Docker.Container) {}

  static async start(
    docker: Docker,
    facts: Facts,
    role: string,
    options: Docker.ContainerCreateOptions,
    args: readonly string[],
  ): Promise<OneOffContainer> {
    const container = await docker.createContainer({
      ...options,
      name: `${facts.prefix}-probe-${role}-${randomBytes(3).toString("hex")}`,
      Entrypoint: ["python3", "-c", TARGETS],
      Cmd: [...args],
      Env: ["PYTHONUNBUFFERED=1"],
      Labels: { [STACK_LABEL]: facts.prefix, [ROLE_LABEL]: "probe" },
    });
    const made = new OneOffContainer(container);
    try {
      await container.start();
    } catch (error) {
      await made.remove();
      throw error;
    }
    return made;
  }

  /** The first line that it prints, as JSON. */
  async answer<T>(): Promise<T> {
    const stream = await this.container.logs({ follow: true, stdout: true, stderr: true });
    return new Promise((resolve, reject) => {
      const [output, errors] = [new PassThrough(), new PassThrough()];
      let [printed, complaint] = ["", ""];
      const timer = setTimeout(() => {
        end(new Error(`the probe gave no answer within ${TIMEOUT} s`));
      }, TIMEOUT * 1000);
      const end = (result: unknown): void => {
        clearTimeout(timer);
        (stream as unknown as { destroy(): void }).destroy();
        if (result instanceof Error) {
          reject(result);
        } else {
          resolve(result as T);
        }
      };
      split(this.container, stream, output, errors);
      errors.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
      output.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes("\n")) {
          end(JSON.parse(printed.slice(0, printed.indexOf("\n"))));
        }
      });
      stream.on("end", () => {
        end(new Error(`the probe ended: ${complaint.trim() || printed.trim() || "no message"}`));
      });
    });
  }

  async address(network: string): Promise<string> {
    return (await this.container.inspect()).NetworkSettings.Networks[network]?.IPAddress ?? "";
  }

  async remove(): Promise<void> {
    await this.container.remove({ force: true, v: true });
  }
}

/** A notebook server that is there already, to try from in the place of a throw-away one. */
export interface Position {
  readonly attack: (list: readonly Attempt[]) => Promise<Record<string, Outcome>>;
  /** Its neighbour's address, and a TCP port that the neighbour listens on. */
  readonly neighbour: { readonly address: string; readonly port: number };
}

/**
 * The whole list for a running stack. Leaves nothing behind.
 *
 * @param from where to try from; a throw-away notebook server with a throw-away neighbour by default
 */
export async function tryAll(docker: Docker, prefix: string, from?: Position): Promise<Row[]> {
  const facts = await collect(docker, prefix);
  const started: OneOffContainer[] = [];
  const start = async (role: string, options: Docker.ContainerCreateOptions, args: readonly string[]) => {
    const made = await OneOffContainer.start(docker, facts, role, options, args);
    started.push(made);
    return made;
  };
  try {
    const [control, neighbour, attacker] = await Promise.all([
      start("control", controlLike(facts), ["listen"]),
      start("neighbour", notebookLike(facts), ["serve", ...NEIGHBOUR_PORTS.map(String)]),
      from ?? start("attacker", notebookLike(facts), ["serve"]),
    ]);
    const [listener, name] = await Promise.all([
      control.answer<HostListener>(),
      outsideName(),
      neighbour.answer(),
      attacker instanceof OneOffContainer ? attacker.answer() : undefined,
    ]);
    const list = [
      ...probes(facts, listener, await neighbour.address(facts.server.network), name),
      ...(from === undefined ? [] : [neighboursServer(from.neighbour)]),
    ];
    // What the host cannot reach either (a server answers nobody but the stack's own) is tried from the stack's own.
    const own = facts.peers
      .filter(({ role }) => role === "hub" || role === "egress")
      .map(({ role }) => docker.getContainer(`${prefix}-${role}`));
    const network = list.filter(({ host }) => host !== undefined);
    const [inside, ...outside] = await Promise.all([
      attacker instanceof OneOffContainer
        ? attack(attacker.container, list.map(attempt))
        : attacker.attack(list.map(attempt)),
      attack(control.container, list.map(controlAttempt)),
      ...own.map((container) => attack(container, network.map(controlAttempt))),
    ]);
    return rows(list, inside, outside);
  } finally {
    await Promise.all(started.map((one) => one.remove()));
  }
}
