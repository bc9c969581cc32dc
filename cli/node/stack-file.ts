/** What the verbs have to know of a stack on a Swarm, from its file: nothing in it that is secret. */
import type Docker from "dockerode";

import { keyName } from "../../config/keys";
import type { StackFile } from "../../config/stack-file";
import { valuesOf } from "../../config/stack-file/values";
import type { DockerAddress } from "../../docker-api/environment";
import { SetupError } from "../../setup/errors";
import type { Member } from "../../tasks/swarm/membership";
import type { OpenStack } from "../stack";

/** What the file says. */
export interface SwarmSettings {
  /** The manager, as configured. */
  readonly address: DockerAddress;
  readonly advertise: string | undefined;
  readonly members: readonly Member[];
  /** Where homes are in servers, and whose they are. */
  readonly mountPath: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether homes are volumes of one node. */
  readonly pinned: boolean;
}

/** An opened stack on a Swarm. */
export interface Swarm extends SwarmSettings {
  readonly name: string;
  readonly prefix: string;
  /** The manager. */
  readonly docker: Docker;
}

/** Undefined for a stack of another variant. */
export function swarmOf({ name, prefix, docker, file }: OpenStack): Swarm | undefined {
  const settings = settingsOf(file);
  return settings && { name, prefix, docker, ...settings };
}

/** @throws SetupError for a stack of another variant */
export function needSwarm(stack: OpenStack): Swarm {
  const swarm = swarmOf(stack);
  if (swarm !== undefined) {
    return swarm;
  }
  throw new SetupError(
    `node: expected a stack with ${keyName("variant")} swarm, got ${JSON.stringify(stack.name)}.`,
  );
}

/** Pure part. @throws StackFileError where something of it is wrong */
export function settingsOf(file: StackFile): SwarmSettings | undefined {
  if (valuesOf(file, ["variant"]).variant !== "swarm") {
    return undefined;
  }
  const { docker, swarm, storage } = valuesOf(file, ["docker", "swarm", "storage"]);
  return {
    address: docker,
    advertise: swarm.advertise,
    mountPath: storage.homes.mountPath,
    owner: storage.owner,
    pinned: swarm.homes?.kind === "local",
    members: swarm.nodes,
  };
}
