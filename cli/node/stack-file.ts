/** What the command has to know of a stack, from its file: nothing in it that is secret. */
import { readStackFile as readFile, type StackFile as File } from "../../config/stack-file";
import { nameOf } from "../../config/stack-settings";
import { valuesOf } from "../../config/stack-values";
import type { DockerAddress } from "../../docker-api/environment";
import type { Member } from "../../tasks/swarm/membership";

export interface StackFile {
  readonly prefix: string;
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  readonly advertise: string | undefined;
  readonly members: readonly Member[];
  /** Where homes are in servers, and whose they are. */
  readonly mountPath: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether homes are volumes of one node. */
  readonly pinned: boolean;
}

/**
 * What the stack's file says, or undefined for a stack of another variant.
 * @throws StackFileError when there is no such file, or something of it is wrong
 */
export function swarmFile(folder: string, stack: string): StackFile | undefined {
  return stackOf(readFile(folder, stack));
}

/** @throws Error when there is no such file or it is of another variant. */
export function readStackFile(folder: string, stack: string): StackFile {
  const found = swarmFile(folder, stack);
  if (found === undefined) {
    throw new Error(`expected a stack with jupyterhub:variant swarm, got ${JSON.stringify(stack)}`);
  }
  return found;
}

/** Pure part. */
export function stackOf(file: File): StackFile | undefined {
  if (valuesOf(file, ["variant"]).variant !== "swarm") return undefined;
  const { docker, swarm, storage } = valuesOf(file, ["docker", "swarm", "storage"]);
  return {
    prefix: nameOf(file),
    docker,
    advertise: swarm.advertise,
    mountPath: storage.homes.mountPath,
    owner: storage.owner,
    pinned: swarm.homes?.kind === "local",
    members: swarm.nodes,
  };
}
