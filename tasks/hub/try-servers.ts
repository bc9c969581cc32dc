/**
 * Tries whether people's servers start, one from each image: run by Pulumi when the hub is ready, after a change of what
 * servers need. The hub's own program makes them, with its settings and through the Docker filter. Environment:
 * STACK_PREFIX, STACK (for commands), START_TIMEOUT (seconds for all servers), and the Docker host as in
 * docker-api/environment.ts.
 */
import type Docker from "dockerode";

import { environmentClient } from "../../docker-api/environment";
import { ignoring } from "../../docker-api/errors";
import { runIn } from "../../docker-api/exec";
import { givenPrefix, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { hubName } from "./containers";
import { answerOf, failureOf, whyNot } from "./tried-servers";

/** Variable of servers that are tried. */
const TRIAL_VARIABLE = "JUPYTERHUB_SERVER_TRIAL";

/** Seconds for the program itself, beside the servers. */
const PROGRAM = 60;

export async function run(): Promise<void> {
  const docker = await environmentClient();
  const prefix = givenPrefix();
  const { STACK: stack = "", START_TIMEOUT: timeout = "" } = process.env;
  // Of a trial that was killed.
  await removeTried(docker, prefix);
  let said: string;
  try {
    said = await outputOf(docker, hubName(prefix), Number(timeout) + PROGRAM);
  } finally {
    await removeTried(docker, prefix);
  }
  const servers = answerOf(said);
  const failure = failureOf(servers, stack);
  if (failure !== undefined) {
    throw new Error(failure);
  }
  console.log(
    servers.length === 0
      ? "not tried: hub.extraConfig has a spawner of its own"
      : `${servers.length} started, the slowest in ${Math.max(...servers.map(({ seconds }) => seconds))} s`,
  );
}

/** @param timeout in seconds */
async function outputOf(docker: Docker, hub: string, timeout: number): Promise<string> {
  const { code, output, log } = await runIn(
    docker.getContainer(hub),
    ["jupyterhub-on-docker", "try-servers"],
    timeout,
  );
  if (output.trim() === "") {
    throw new Error(`people's servers could not be tried: ${whyNot(code, log)}`);
  }
  return output;
}

/** Removes servers that are tried, whatever state they are in: nothing is in them. */
async function removeTried(docker: Docker, prefix: string): Promise<void> {
  const label = [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=user`];
  const servers = await docker.listContainers({ all: true, filters: { label } });
  await Promise.all(
    servers.map(async ({ Id }) => {
      const container = docker.getContainer(Id);
      const found = await container.inspect().catch(ignoring(404));
      if (found?.Config.Env.some((line) => line.startsWith(`${TRIAL_VARIABLE}=`)) === true) {
        await container.remove({ force: true, v: true }).catch(ignoring(404, 409));
      }
    }),
  );
}
