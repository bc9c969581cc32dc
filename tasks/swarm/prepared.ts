import type Docker from "dockerode";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { tasksOf } from "../../docker-api/swarm";

/** Role of the services that bring images to the nodes, in their labels. */
export const PRE_PULLER_ROLE = "pre-puller";

/** Ids of the nodes where all pre-pullers of a stack run: they have the images of notebook servers. */
export async function preparedNodes(docker: Docker, prefix: string): Promise<Set<string>> {
  const filters = { label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=${PRE_PULLER_ROLE}`] };
  const services = await docker.listServices({ filters: JSON.stringify(filters) });
  if (services.length === 0) {
    return new Set();
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
