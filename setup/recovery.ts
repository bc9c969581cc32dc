import type Docker from "dockerode";

import { ignoring, statusOf } from "../docker-api/errors";
import { DATABASE_COPY_ROLE, PASSING_ROLES, ROLE_LABEL, STACK_LABEL, UNDO_ROLE } from "../docker-api/naming";
import type { Say } from "./command";
import { client } from "./endpoint";
import type { FoundEngine } from "./engine";
import { messageOf } from "./errors";
import type { Machine } from "./machine";
import type { State, StateResource } from "./stack";

/** A thing on the engine whose creation was interrupted, so that the state may not know it. */
export interface Orphan {
  readonly kind: "container" | "network" | "service";
  readonly name: string;
}

/** What interrupted creations may have left under a name that the next creation needs. */
export function possibleOrphans(state: State): Orphan[] {
  const known = new Set(
    state.resources.filter(isCreated).map((resource) => `${resource.type} ${nameOf(resource)}`),
  );
  return state.pending.flatMap(({ type, resource }) => {
    const name = nameOf(resource);
    const kind = {
      "docker:index/container:Container": "container",
      "docker:index/network:Network": "network",
      "docker:index/service:Service": "service",
    }[resource.type] as Orphan["kind"] | undefined;
    return type === "creating" && kind && name !== "" && !known.has(`${resource.type} ${name}`)
      ? [{ kind, name }]
      : [];
  });
}

const isCreated = (resource: StateResource): boolean => resource.id !== undefined && resource.id !== "";
const nameOf = (resource: StateResource): string => {
  const name = resource.inputs?.name;
  return typeof name === "string" ? name : "";
};

const remove: Readonly<Record<Orphan["kind"], (docker: Docker, name: string) => Promise<unknown>>> = {
  container: (docker, name) => docker.getContainer(name).remove({ force: true }),
  network: (docker, name) => docker.getNetwork(name).remove(),
  service: (docker, name) => docker.getService(name).remove(),
};

/** Removes from the engine what interrupted creations left there. Volumes are never touched. */
export async function removeOrphans(
  machine: Machine,
  engine: FoundEngine,
  orphans: readonly Orphan[],
  say: Say,
): Promise<void> {
  const docker = await client(engine.endpoint, machine);
  for (const { kind, name } of orphans) {
    try {
      await remove[kind](docker, name);
      say(`Removed the ${kind} ${name}, whose creation was interrupted.`);
    } catch (error) {
      if (statusOf(error) !== 404) {
        say(`The ${kind} ${name}, whose creation was interrupted, cannot be removed: ${messageOf(error)}`);
      }
    }
  }
}

/** A hub that makes a server has the first, and a database that is being put right the second. */
const BUSY_ROLES: ReadonlySet<string> = new Set(["folders", UNDO_ROLE]);

/** Seconds after which nobody reads from a copy of the database any more. */
const ABANDONED = 3600;

/**
 * Removes what tasks of a killed run made for a moment: no state has it, and what was never started ends by nothing else.
 * @param prefix of the stack's names
 */
export async function removePassing(machine: Machine, engine: FoundEngine, prefix: string): Promise<void> {
  const docker = await client(engine.endpoint, machine);
  const all = await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${prefix}`] } });
  const passing = all.filter(({ Labels, State, Created }) => {
    const role = Labels[ROLE_LABEL] ?? "";
    // One whose ./hub was killed ends by itself, and is left with the hub's secrets. Others are still read from.
    const isOld = State !== "running" && Date.now() / 1000 - Created > ABANDONED;
    return (PASSING_ROLES.has(role) && !BUSY_ROLES.has(role)) || (role === DATABASE_COPY_ROLE && isOld);
  });
  await Promise.all(
    passing.map(({ Id }) => docker.getContainer(Id).remove({ force: true }).catch(ignoring(404, 409))),
  );
}
