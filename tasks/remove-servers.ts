/**
 * Removes a stack's notebook servers from its Docker host: run by Pulumi when the stack, or the servers' network, goes.
 * Environment: STACK_PREFIX, and the Docker host as in docker-api/environment.ts.
 */
import type Docker from "dockerode";

import { environmentClient } from "../docker-api/environment";
import { ignoring, messageOf } from "../docker-api/errors";
import { givenPrefix, ROLE_LABEL, STACK_LABEL } from "../docker-api/naming";
import { until } from "../docker-api/wait";

/** Roles of what the hub makes: servers, and what a hub that ended in between left of their making. */
const ROLES = ["folders", "user"];

/** Milliseconds in which the containers of removed services have to be gone. */
const GONE = 30_000;

/** In a Swarm, servers are services, and their containers on any node. */
async function removeServices(docker: Docker, prefix: string): Promise<number> {
  const filters = JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=user`] });
  // 503: no manager of a Swarm.
  const services = await docker.listServices({ filters }).catch((error: unknown) => {
    ignoring(503)(error);
    return [];
  });
  await Promise.all(services.map(({ ID }) => docker.getService(ID).remove().catch(ignoring(404))));
  const areGone = async (): Promise<boolean> =>
    ((await docker.listTasks({ filters })) as { Status: { State: string } }[]).every(
      ({ Status }) => Status.State !== "running",
    );
  if (services.length > 0) {
    await until(areGone, GONE, 300);
  }
  return services.length;
}

/** Ends each server of the stack in order, so that notebooks are saved, and removes its container. */
async function removeServers(prefix: string): Promise<number> {
  const docker = await environmentClient();
  // First, or their containers would be made again.
  const services = await removeServices(docker, prefix);
  const all = await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${prefix}`] } });
  const servers = all.filter(({ Labels }) => ROLES.includes(Labels[ROLE_LABEL] ?? ""));
  await Promise.all(
    servers.map(async ({ Id }) => {
      const container = docker.getContainer(Id);
      await container.stop({ t: 5 }).catch(ignoring(304, 404, 409));
      await container.remove({ force: true }).catch(ignoring(404, 409));
      // The engine may be removing it already, of its own accord: it is gone when this returns.
      await container.wait({ condition: "removed" }).catch(ignoring(404));
    }),
  );
  return services + servers.length;
}

export async function run(): Promise<void> {
  const count = await removeServers(givenPrefix()).catch((error: unknown) => {
    throw new Error(`could not remove notebook servers: ${messageOf(error)}`, { cause: error });
  });
  console.log(`removed ${count} notebook servers`);
}
