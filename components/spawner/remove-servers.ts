/**
 * Removes a stack's notebook servers from its Docker host: run by Pulumi when the stack, or the servers' network, goes.
 * Environment: STACK_PREFIX, and the Docker host as in docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { ignoring } from "../../docker-api/errors";
import { ROLE_LABEL, STACK_LABEL } from "../naming";

/** Roles of what the hub makes: servers, and what a hub that ended in between left of their making. */
const ROLES = ["folders", "user"];

/** Ends each server of the stack in order, so that notebooks are saved, and removes its container. */
async function removeServers(prefix: string): Promise<number> {
  const docker = await environmentClient();
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
  return servers.length;
}

removeServers(process.env["STACK_PREFIX"] ?? "").then(
  (count) => {
    console.log(`removed ${count} notebook servers`);
  },
  (error: unknown) => {
    console.error(`could not remove notebook servers: ${(error as Error).message}`);
    process.exitCode = 1;
  },
);
