/** A Swarm's nodes and what runs on them, through the API of a manager. */
import type Docker from "dockerode";

import { messageOf } from "../../docker-api/errors";
import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../../docker-api/naming";
import { type NodeAnswer, nodesOf, type TaskAnswer, tasksOf } from "../../docker-api/swarm";
import { until } from "../../docker-api/wait";
import { SetupError } from "../../setup/errors";

/** A notebook server on a node. */
export interface Server {
  readonly user: string;
  readonly service: string;
}

/** The one node of a name. */
export async function findNode(docker: Docker, name: string): Promise<NodeAnswer> {
  const nodes = await nodesOf(docker);
  const found = nodes.filter(({ Description, ID }) => Description.Hostname === name || ID === name);
  if (found.length === 1 && found[0] !== undefined) {
    return found[0];
  }
  const names = nodes.map(({ Description }) => Description.Hostname).sort();
  throw new SetupError(
    found.length === 0
      ? `expected a node of the Swarm (${names.join(", ")}), got ${JSON.stringify(name)}`
      : `${found.length} nodes are called ${name}: give the id of one (${found.map(({ ID }) => ID).join(", ")})`,
  );
}

async function runningTasks(docker: Docker, node: string): Promise<TaskAnswer[]> {
  const tasks = await tasksOf(docker, { node: [node] });
  return tasks.filter(({ Status }) => ["running", "starting", "preparing"].includes(Status.State));
}

/** How many tasks, of any service, still run on a node. */
export async function taskCount(docker: Docker, node: string): Promise<number> {
  return (await runningTasks(docker, node)).length;
}

interface ServiceAnswer extends Server {
  readonly id: string;
}

/** Notebook servers of a stack, wherever they are. */
export async function serversOf(docker: Docker, prefix: string): Promise<ServiceAnswer[]> {
  const filters = JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=user`] });
  const services = (await docker.listServices({ filters })) as {
    ID?: string;
    Spec?: { Name?: string; Labels?: Record<string, string> };
  }[];
  return services.map(({ ID, Spec }) => ({
    id: ID ?? "",
    user: Spec?.Labels?.[USER_LABEL] ?? "",
    service: Spec?.Name ?? "",
  }));
}

/** Notebook servers of a stack on a node. */
export async function serversOn(docker: Docker, node: string, prefix: string): Promise<Server[]> {
  const servers = await serversOf(docker, prefix);
  const tasks = (await runningTasks(docker, node)).filter(({ DesiredState }) => DesiredState === "running");
  return servers
    .filter(({ id }) => tasks.some(({ ServiceID }) => ServiceID === id))
    .sort((a, b) => (a.user < b.user ? -1 : 1));
}

/** What passes by itself: the node was changed meanwhile (Swarm does so, too), or the managers choose a leader. */
const PASSING = /update out of sequence|lost leader status|does not have a leader/;

/** Milliseconds in which it has to have passed: managers choose a leader within some seconds. */
const PASSES = 10_000;
/** Milliseconds until the next try: mostly the node is read again, and that is all. */
const RETRY = 100;

/** Changes a node's specification, from what it is now. */
export async function updateNode(
  docker: Docker,
  name: string,
  change: Partial<NodeAnswer["Spec"]>,
): Promise<void> {
  let last: unknown;
  const isChanged = async (): Promise<boolean> => {
    try {
      const node = await findNode(docker, name);
      // The client has no type for this call.
      const found = docker.getNode(node.ID) as unknown as { update(specification: object): Promise<unknown> };
      await found.update({ version: node.Version.Index, ...node.Spec, ...change });
      return true;
    } catch (error) {
      if (!PASSING.test(messageOf(error))) {
        throw error;
      }
      last = error;
      return false;
    }
  };
  if (!(await until(isChanged, PASSES, RETRY))) {
    throw last;
  }
}

/** Managers that answer, without this one, have to be more than half of those that would be left. */
export function losesQuorum(nodes: readonly NodeAnswer[], leaving: NodeAnswer): boolean {
  const managers = nodes.filter(({ Spec, ID }) => Spec.Role === "manager" && ID !== leaving.ID);
  const reachable = managers.filter(({ ManagerStatus }) => ManagerStatus?.Reachability === "reachable");
  return leaving.Spec.Role === "manager" && reachable.length * 2 <= managers.length;
}
