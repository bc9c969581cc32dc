/** What the engines of a Swarm say of it and of its nodes. */
import type Docker from "dockerode";

/** Label of a task's container, with the id of its service. */
export const TASK_LABEL = "com.docker.swarm.service.id";

/** What an engine says of its Swarm. */
export interface SwarmInfo {
  readonly Name: string;
  readonly Swarm: {
    readonly LocalNodeState: "inactive" | "pending" | "active" | "error" | "locked";
    readonly ControlAvailable: boolean;
    readonly NodeID: string;
    readonly NodeAddr: string;
    readonly Cluster?: { readonly ID: string } | null;
    readonly RemoteManagers?: readonly { readonly Addr: string; readonly NodeID: string }[] | null;
    readonly Error?: string;
  };
}

export async function swarmInfo(docker: Docker): Promise<SwarmInfo> {
  const info: unknown = await docker.info();
  return info as SwarmInfo;
}

/** A node as the manager's API has it. */
export interface NodeAnswer {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Role: "worker" | "manager";
    readonly Availability: "active" | "pause" | "drain";
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly Description: { readonly Hostname: string };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Addr: string;
    readonly Reachability: string;
  };
}

export async function nodesOf(docker: Docker): Promise<NodeAnswer[]> {
  const nodes: unknown = await docker.listNodes();
  return nodes as NodeAnswer[];
}

/** A task of a service as the manager's API has it. */
export interface TaskAnswer {
  readonly ID: string;
  readonly NodeID?: string;
  readonly ServiceID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string; readonly Err?: string };
  readonly Spec: { readonly ContainerSpec?: object };
}

/** @param filters as the API takes them, such as `{ node: ["id"] }` */
export async function tasksOf(
  docker: Docker,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<TaskAnswer[]> {
  const tasks: unknown = await docker.listTasks({ filters: JSON.stringify(filters) });
  return tasks as TaskAnswer[];
}

/** Address at which other machines reach a node: the manager that answers may know itself as 0.0.0.0. */
export function addressOf(node: NodeAnswer): string {
  const { Addr } = node.Status;
  return Addr === "0.0.0.0" || Addr === "127.0.0.1"
    ? (node.ManagerStatus?.Addr.replace(/:\d+$/, "") ?? Addr)
    : Addr;
}
