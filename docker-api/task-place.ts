/** Where a task of a Swarm's service runs: only its node's engine gets into its container. */
import type { Reached } from "./exec";
import { ask } from "./get";
import type { NodeAnswer, SwarmInfo, TaskAnswer } from "./swarm";

/** A machine of the Swarm as the configuration names it. */
export interface NodeHost {
  readonly name: string;
  readonly host: string;
}

export interface TaskPlace {
  readonly container: string;
  /** Name of the node. */
  readonly node: string;
  /** Its engine; undefined where neither the manager nor the configuration leads there. */
  readonly engine: Reached | undefined;
}

type RunningTask = TaskAnswer & {
  readonly Status: { readonly ContainerStatus?: { readonly ContainerID?: string } | null };
};

/**
 * @param manager that is asked
 * @param hosts of the configuration; the manager's certificates are good for all of them
 * @returns undefined where no task of the service runs
 */
export async function taskPlace(
  manager: Reached,
  service: string,
  hosts: readonly NodeHost[],
): Promise<TaskPlace | undefined> {
  const { address, agent } = manager;
  const get = async <T>(path: string): Promise<T | undefined> => {
    const { status, body } = await ask(address, path, { agent });
    return status === 200 ? (JSON.parse(body.toString()) as T) : undefined;
  };
  const filters = encodeURIComponent(JSON.stringify({ service: [service], "desired-state": ["running"] }));
  const tasks = await get<RunningTask[]>(`/tasks?filters=${filters}`);
  const task = tasks?.find(({ Status }) => Status.State === "running");
  const container = task?.Status.ContainerStatus?.ContainerID;
  if (task?.NodeID === undefined || container === undefined) {
    return undefined;
  }
  const [info, node] = await Promise.all([
    get<SwarmInfo>("/info"),
    get<NodeAnswer>(`/nodes/${encodeURIComponent(task.NodeID)}`),
  ]);
  const name = node?.Description.Hostname ?? task.NodeID;
  if (info?.Swarm.NodeID === task.NodeID) {
    return { container, node: name, engine: manager };
  }
  const host = hosts.find((one) => one.name === name)?.host;
  const engine = host === undefined ? undefined : { address: { host, tls: address.tls } };
  return { container, node: name, engine };
}
