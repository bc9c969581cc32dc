/** A stack as the verbs see it: its file, the names of what it made, and a client of its Docker host. */
import type { Command } from "commander";
import type Docker from "dockerode";

import type { StackFile } from "../config/stack-file";
import type { Address } from "../docker-api/client";
import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../docker-api/naming";
import { swarmInfo, TASK_LABEL } from "../docker-api/swarm";
import { addressOf, client } from "../setup/endpoint";
import { findEngine } from "../setup/engine";
import { SetupError } from "../setup/errors";
import { thisMachine } from "../setup/machine";
import { readStack } from "../setup/stack";
import { stackPrefix } from "../setup/stack-prefix";
import { upCommand } from "../setup/stacks";
import { wantsJson } from "./answer";
import { chooseStack } from "./choose-stack";

export interface OpenStack {
  readonly name: string;
  /** What its file says, as far as it is not encrypted. */
  readonly file: StackFile;
  /** The first part of the names of all that it made, and the value of its label. */
  readonly prefix: string;
  readonly docker: Docker;
  /** Its Docker host, for single requests. */
  readonly address: Address;
  /** Lines about what is going on; standard output is for results. */
  readonly tell: (line: string) => void;
}

/**
 * The stack that a command line is about: the named one, the one that is clear, or the one that is chosen.
 *
 * @param timeout milliseconds without an answer of the engine after which a call fails. @default none
 * @throws SetupError where there is no such stack, or its Docker host does not answer
 */
export async function openStack(command: Command, timeout?: number): Promise<OpenStack> {
  const machine = thisMachine();
  const named = command.optsWithGlobals()["stack"] as string | undefined;
  const argv = process.argv.slice(2);
  const stack = readStack(machine, await chooseStack(machine, { named, quiet: wantsJson(command), argv }));
  const engine = await findEngine(machine, stack.docker);
  if (typeof engine === "string") {
    throw new SetupError("Docker Engine: expected one that answers, found none.", upCommand(stack.name));
  }
  return {
    name: stack.name,
    file: stack.content,
    prefix: stackPrefix(machine, stack),
    docker: await client(engine.endpoint, machine, timeout),
    address: addressOf(engine.endpoint, machine),
    tell: (line) => process.stderr.write(`${line}\n`),
  };
}

/** Labels as the engine filters by them. */
export function filters(
  { prefix }: OpenStack,
  labels: Readonly<Record<string, string>> = {},
): { label: string[] } {
  const all = { [STACK_LABEL]: prefix, ...labels };
  return { label: Object.entries(all).map(([label, value]) => `${label}=${value}`) };
}

/** Volumes of the stack with these labels, by name. */
export async function volumesWith(
  stack: OpenStack,
  labels: Readonly<Record<string, string>> = {},
): Promise<Docker.VolumeInspectInfo[]> {
  // The client's types do not know that the engine takes this as JSON.
  const query = { filters: JSON.stringify(filters(stack, labels)) as never };
  const { Volumes } = await stack.docker.listVolumes(query);
  return Volumes.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** A service, secret or config of a Swarm, as the engine lists it. */
export interface SwarmObject {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>> };
}

/** What the stack has in a Swarm, each by name; nothing where the engine is no manager of one, and refuses to be asked. */
export async function swarmObjects(stack: OpenStack): Promise<{
  readonly services: readonly SwarmObject[];
  readonly secrets: readonly SwarmObject[];
  readonly configs: readonly SwarmObject[];
}> {
  const { docker } = stack;
  const { Swarm } = await swarmInfo(docker);
  if (!Swarm.ControlAvailable) {
    return { services: [], secrets: [], configs: [] };
  }
  const query = { filters: JSON.stringify(filters(stack)) };
  const byName = (found: unknown): SwarmObject[] =>
    (found as SwarmObject[]).sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1));
  const [services, secrets, configs] = await Promise.all([
    docker.listServices(query),
    docker.listSecrets(query),
    docker.listConfigs(query),
  ]);
  return { services: byName(services), secrets: byName(secrets), configs: byName(configs) };
}

/** Whether a container is a task of a service: what Swarm made, Swarm removes. */
export const isTask = ({ Labels }: Docker.ContainerInfo): boolean => Labels[TASK_LABEL] !== undefined;

/** Containers of the stack with these labels, by name, running or not. */
export async function containersWith(
  stack: OpenStack,
  labels: Readonly<Record<string, string>> = {},
): Promise<Docker.ContainerInfo[]> {
  const found = await stack.docker.listContainers({ all: true, filters: filters(stack, labels) });
  return found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

export const nameOf = ({ Names }: Docker.ContainerInfo): string => (Names[0] ?? "").replace(/^\//, "");
export const roleOf = (labels: Readonly<Record<string, string>>): string => labels[ROLE_LABEL] ?? "";
export const userOf = (labels: Readonly<Record<string, string>>): string => labels[USER_LABEL] ?? "";
