/** Who runs which server, where, since when, and what it uses now. */
import type Docker from "dockerode";

import { statusOf } from "../../docker-api/errors";
import { ROLE_LABEL } from "../../docker-api/naming";
import { memoryUsed, processorsUsed, statistics } from "../../docker-api/stats";
import { table } from "../../tasks/table";
import type { Answer } from "../answer";
import { type NodeEngine, openNodes } from "../node/engines";
import { swarmOf } from "../node/stack-file";
import { filters, nameOf, type OpenStack, userOf } from "../stack";

/** A server that has a container. */
export interface Server {
  readonly user: string;
  /** Its name; empty for the person's default server. */
  readonly server: string;
  /** As the engine calls it: `running`, `exited`, `paused`. */
  readonly state: string;
  /** When it was started, in ISO 8601. */
  readonly since: string;
  /** By the name that the engine has for it, else its id. */
  readonly image: string;
  /** Name of the node; empty outside of a Swarm. */
  readonly node: string;
  readonly container: string;
  /** Bytes; undefined for a server that does not run. */
  readonly memory: number | undefined;
  /** Bytes; undefined without a limit. */
  readonly memoryLimit: number | undefined;
  /** Processors that it keeps busy now: 1 is one of them. */
  readonly processors: number | undefined;
}

/** The engines that have servers. Nodes that are down are told of. */
export async function enginesOf(stack: OpenStack): Promise<readonly NodeEngine[]> {
  const swarm = swarmOf(stack);
  return swarm === undefined
    ? [{ name: "", docker: stack.docker }]
    : openNodes(swarm, (name) => {
        stack.tell(`Node ${name} does not answer: its servers are not listed.`);
      });
}

/** All servers, by person and name. */
export async function servers(stack: OpenStack): Promise<Server[]> {
  const engines = await enginesOf(stack);
  const found = await Promise.all(engines.map((engine) => serversOn(stack, engine)));
  return found.flat().sort((a, b) => compare(a.user, b.user) || compare(a.server, b.server));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function serversOn(stack: OpenStack, { name: node, docker }: NodeEngine): Promise<Server[]> {
  const listed = await docker.listContainers({
    all: true,
    filters: filters(stack, { [ROLE_LABEL]: "user" }),
  });
  const found = await Promise.all(listed.map((one) => serverOf(docker, node, one)));
  return found.flat();
}

/** None where it has gone meanwhile. */
async function serverOf(docker: Docker, node: string, listed: Docker.ContainerInfo): Promise<Server[]> {
  const container = docker.getContainer(listed.Id);
  try {
    const { Config, State, HostConfig } = await container.inspect();
    const used = State.Running ? statistics.safeParse(await container.stats({ stream: false })) : undefined;
    return [
      {
        user: userOf(listed.Labels),
        server: variable(Config.Env, "JUPYTERHUB_SERVER_NAME"),
        state: State.Status,
        since: State.StartedAt,
        image: await imageName(docker, Config.Image),
        node,
        container: nameOf(listed),
        memory: used?.data && memoryUsed(used.data),
        memoryLimit: HostConfig.Memory || undefined,
        processors: used?.data && processorsUsed(used.data),
      },
    ];
  } catch (error) {
    if (statusOf(error) === 404) {
      return [];
    }
    throw error;
  }
}

const variable = (environment: readonly string[] | null | undefined, name: string): string =>
  environment?.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/** Servers are started from ids: what is offered under a tag changes. */
async function imageName(docker: Docker, image: string): Promise<string> {
  if (!image.startsWith("sha256:")) {
    return image;
  }
  const found = await docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  return (
    (found?.RepoTags as string[] | null | undefined)?.[0] ??
    image.slice("sha256:".length, "sha256:".length + 12)
  );
}

const MIB = 2 ** 20;
const mebibytes = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;

/** @param now for how long they have run */
export function render(found: readonly Server[], now: Date): Answer {
  const isSwarm = found.some(({ node }) => node !== "");
  const rows = found.map(({ user, server, state, since, image, node, memory, memoryLimit, processors }) => [
    user,
    server === "" ? "-" : server,
    state,
    age(since, now),
    ...(isSwarm ? [node] : []),
    memory === undefined
      ? "-"
      : `${mebibytes(memory)}${memoryLimit === undefined ? "" : ` of ${mebibytes(memoryLimit)}`}`,
    processors === undefined ? "-" : `${Math.round(processors * 100)} %`,
    image,
  ]);
  const heading = ["USER", "SERVER", "STATE", "FOR", ...(isSwarm ? ["NODE"] : []), "MEMORY", "CPU", "IMAGE"];
  return {
    text: found.length === 0 ? "No servers." : table([heading, ...rows]),
    json: found.map(({ memory = null, memoryLimit = null, processors = null, ...rest }) => ({
      ...rest,
      memory,
      memoryLimit,
      processors,
    })),
  };
}

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
] as const;

/** `3 h`; the engine has a date of the year 1 for what was never started. */
export function age(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  if (!Number.isFinite(seconds) || since.startsWith("0001-")) {
    return "-";
  }
  const [size, unit] = UNITS.find(([least]) => seconds >= least) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}
