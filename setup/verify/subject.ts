/** What is known of a stack before it is looked at. */
import type { Agent } from "node:http";

import { shellWord } from "../../config/commands";
import { DEFAULT_HOST } from "../../docker-api/address";
import type { Address } from "../../docker-api/client";
import { ask, type Get } from "../../docker-api/get";
import type { NodeHost } from "../../docker-api/task-place";
import type { State } from "../stack";
import { hubCommand, upCommand } from "../stacks";

/** A container or service that the stack's state has. */
export interface Known {
  /** On the engine. */
  readonly name: string;
  /** Networks by name; nothing is known of those of a service. */
  readonly networks: readonly string[];
}

export interface Subject {
  /** Its engine. */
  readonly address: Address;
  /** Through ssh: the one connection for all that is asked. */
  readonly agent?: Agent | undefined;
  /** Name of the stack. */
  readonly stack: string;
  /** First part of the names of all that it made. */
  readonly prefix: string;
  /** Address that browsers use; undefined where the stack's outputs are not at hand. */
  readonly url: string | undefined;
  readonly isSwarm: boolean;
  /** Whether the configuration lets in some addresses only. */
  readonly restrictsVisitors: boolean;
  readonly containers: readonly Known[];
  readonly services: readonly Known[];
  /** Machines of a Swarm, beside the manager that is asked. */
  readonly nodes: readonly NodeHost[];
}

/** Those that the configuration names, which nobody has checked. */
export function nodesOf(swarm: unknown): NodeHost[] {
  const { nodes } = (swarm ?? {}) as { nodes?: unknown };
  return (Array.isArray(nodes) ? nodes : []).flatMap((node: unknown) => {
    const { name, host } = (node ?? {}) as { name?: unknown; host?: unknown };
    return typeof name === "string" && typeof host === "string" ? [{ name, host }] : [];
  });
}

const CONTAINER = "docker:index/container:Container";
const SERVICE = "docker:index/service:Service";

/** Containers and services of a state. */
export function knownOf(state: State | undefined): Pick<Subject, "containers" | "services"> {
  const of = (type: string): Known[] =>
    (state?.resources ?? []).flatMap((resource) => {
      const { name, networksAdvanced } = resource.inputs ?? {};
      if (resource.type !== type || typeof name !== "string") {
        return [];
      }
      const networks = (Array.isArray(networksAdvanced) ? networksAdvanced : []).flatMap(
        (network: unknown) => {
          const given = (network as { name?: unknown } | null)?.name;
          return typeof given === "string" ? [given] : [];
        },
      );
      return [{ name, networks }];
    });
  return { containers: of(CONTAINER), services: of(SERVICE) };
}

/** A command of the Docker CLI for the subject's engine. */
export const dockerCommand = ({ address }: Subject, command: string): string =>
  address.host === DEFAULT_HOST ? `docker ${command}` : `docker --host ${shellWord(address.host)} ${command}`;

/** The command that puts right what is gone or was changed by hand. */
export const mendCommand = ({ stack }: Subject): string => upCommand(stack);

export const logsCommand = ({ stack }: Subject, part: string): string => hubCommand(`logs ${part}`, stack);

/** Asks the subject's engine. */
export const getter =
  ({ address, agent }: Subject): Get =>
  (path) =>
    ask(address, path, { agent });

/** What the engine answers, as JSON; undefined for what it does not have. */
export async function json<T>({ address, agent }: Subject, path: string): Promise<T | undefined> {
  const { status, body } = await ask(address, path, { agent });
  if (status === 404) {
    return undefined;
  }
  if (status >= 400) {
    throw new Error(`the engine answers ${status} to ${path.replace(/\?.*/, "")}`);
  }
  return JSON.parse(body.toString()) as T;
}

export const filtered = (labels: readonly string[]): string =>
  encodeURIComponent(JSON.stringify({ label: labels }));
