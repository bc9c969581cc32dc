/** What the command has to know of a stack, from its file: nothing in it that is secret. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import type { DockerAddress } from "../../docker-api/environment";
import type { Member } from "../../components/swarm/membership";

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

interface Written {
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What the stack's file says, or undefined for a stack of another variant. @throws Error when there is no such file. */
export function swarmFile(folder: string, stack: string): StackFile | undefined {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Error(`expected a stack, got ${JSON.stringify(stack)}: there is no ${file}`);
  }
  const { config = {} } = (parse(text) as Written | null) ?? {};
  return stackOf(config, stack);
}

/** @throws Error when there is no such file or it is of another variant. */
export function readStackFile(folder: string, stack: string): StackFile {
  const found = swarmFile(folder, stack);
  if (found === undefined) {
    throw new Error(`expected a stack with jupyterhub:variant swarm, got ${JSON.stringify(stack)}`);
  }
  return found;
}

/** Pure part. Lists and maps may be written as JSON text, as `pulumi config set` does. */
export function stackOf(config: Readonly<Record<string, unknown>>, stack: string): StackFile | undefined {
  const value = (name: string): unknown => {
    const found = config[`jupyterhub:${name}`];
    return typeof found === "string" && /^\s*[[{]/.test(found) ? JSON.parse(found) : found;
  };
  if (value("variant") !== "swarm") return undefined;
  const docker = (value("docker") ?? {}) as DockerAddress;
  const swarm = (value("swarm") ?? {}) as {
    advertise?: string;
    nodes?: Partial<Member>[];
    homes?: { kind?: string };
  };
  const storage = (value("storage") ?? {}) as {
    homes?: { mountPath?: string };
    owner?: { uid?: number; gid?: number };
  };
  return {
    prefix: (value("name") as string | undefined) ?? `jupyterhub-${stack}`,
    docker,
    advertise: swarm.advertise,
    mountPath: storage.homes?.mountPath ?? "/home/jovyan",
    owner: { uid: storage.owner?.uid ?? 1000, gid: storage.owner?.gid ?? 100 },
    pinned: swarm.homes?.kind === "local",
    members: (swarm.nodes ?? []).map((node) => ({
      name: node.name ?? "",
      host: node.host ?? "",
      role: node.role ?? "worker",
      address: node.address,
    })),
  };
}
