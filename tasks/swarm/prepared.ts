import type Docker from "dockerode";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { tasksOf } from "../../docker-api/swarm";

/** Role of the services that bring images to the nodes, in their labels. */
export const PRE_PULLER_ROLE = "pre-puller";

/** Role of the service that sets the firewall's rules on each node, in its labels. */
export const FIREWALL_ROLE = "firewall";

/** Ids of the nodes where all pre-pullers of a stack run: they have the images of notebook servers. */
export async function preparedNodes(docker: Docker, prefix: string): Promise<Set<string>> {
  return (await nodesWith(docker, prefix, PRE_PULLER_ROLE)) ?? new Set();
}

/** Ids of the nodes where all services of a role run; undefined where the stack has no such service. */
export async function nodesWith(
  docker: Docker,
  prefix: string,
  role: string,
): Promise<Set<string> | undefined> {
  const filters = { label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=${role}`] };
  const services = await docker.listServices({ filters: JSON.stringify(filters) });
  if (services.length === 0) {
    return undefined;
  }
  const tasks = (await tasksOf(docker, filters)).filter(
    ({ DesiredState, Status }) => DesiredState === "running" && Status.State === "running",
  );
  const nodes = tasks.map(({ NodeID }) => NodeID ?? "");
  return new Set(
    nodes.filter((node) =>
      services.every(({ ID }) => tasks.some((task) => task.NodeID === node && task.ServiceID === ID)),
    ),
  );
}
