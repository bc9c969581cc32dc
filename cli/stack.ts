/** A stack as these tools see it: the names of what it made, and a client of its Docker host. */
import type Docker from "dockerode";

import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../docker-api/naming";
import { shownName } from "../config/names";
import { swarmInfo } from "../docker-api/swarm";
import { client } from "../setup/endpoint";
import { findEngine } from "../setup/engine";
import { SetupError, messageOf } from "../setup/errors";
import { thisMachine } from "../setup/machine";
import { stackPrefix } from "../setup/prefix";
import { readStack } from "../setup/stack";

export interface OpenStack {
  readonly name: string;
  /** The folder of its file. */
  readonly folder: string;
  /** The first part of the names of all that it made, and the value of its label. */
  readonly prefix: string;
  readonly docker: Docker;
  /** Lines about what is going on; standard output is for results. */
  readonly tell: (line: string) => void;
}

/**
 * @param name of the stack; its file has to be there.
 * @throws SetupError where there is no such stack, or its Docker host does not answer.
 */
export async function openStack(name: string): Promise<OpenStack> {
  const machine = thisMachine();
  const stack = readStack(machine, name);
  const engine = await findEngine(machine, stack.docker);
  if (typeof engine === "string") {
    throw new SetupError("Docker Engine: expected one that answers, found none.", "./up");
  }
  return {
    name,
    folder: machine.root,
    prefix: stackPrefix(machine, stack),
    docker: await client(engine.endpoint, machine),
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

/** Label of what Swarm made for a service. */
const SERVICE_LABEL = "com.docker.swarm.service.id";

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
  if (!Swarm.ControlAvailable) return { services: [], secrets: [], configs: [] };
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
export const isTask = ({ Labels }: Docker.ContainerInfo): boolean => Labels[SERVICE_LABEL] !== undefined;

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

/** Rows as text columns of equal width, without blanks at the ends of lines. */
export function table(cells: readonly (readonly string[])[]): string {
  // Labels and names are the engine's, and whoever took over the hub may have chosen them.
  const rows = cells.map((row) => row.map(shownName));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** Runs a tool: its errors are lines for people, and its exit code is 1 then. */
export function runTool(tool: (argv: readonly string[]) => Promise<void>): void {
  // Whoever reads the output may stop reading: `npm run logs -- hub | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  tool(process.argv.slice(2)).catch((error: unknown) => {
    const text = error instanceof SetupError ? error.message : reason(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  });
}

/** What went wrong, in the engine's own words where it was the engine. */
function reason(error: unknown): string {
  const { json } = error as { json?: { message?: string } | null };
  return json?.message ?? messageOf(error);
}
