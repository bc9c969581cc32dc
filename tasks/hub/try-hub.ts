/**
 * Tries the hub to be while the one that is there runs, and keeps a spare one of that: run by Pulumi before the hub's
 * container is replaced. Standard input: `HubContents` as JSON. Environment: STACK_PREFIX, START_TIMEOUT (seconds), and
 * the Docker host as in docker-api/environment.ts.
 */
import { text } from "node:stream/consumers";
import type Docker from "dockerode";

import { environmentClient } from "../../docker-api/environment";
import { givenPrefix } from "../../docker-api/naming";
import { runningHub, runsElsewhere } from "./containers";
import { keepSpare } from "./spare";
import { type HubContents, tryHub } from "./trial";

export async function run(): Promise<void> {
  const contents = JSON.parse(await text(process.stdin)) as HubContents;
  const timeout = Number(process.env["START_TIMEOUT"]);
  console.log(await trial(await environmentClient(), givenPrefix(), contents, timeout));
}

/**
 * @param timeout seconds that a hub has to start
 * @returns what came of it
 * @throws Error where the hub would not start
 */
export async function trial(
  docker: Docker,
  prefix: string,
  contents: HubContents,
  timeout: number,
): Promise<string> {
  const isSwarm = contents.swarm !== undefined;
  const running = await runningHub(docker, prefix, isSwarm);
  if (running === undefined && !(isSwarm && (await runsElsewhere(docker, prefix)))) {
    return "not tried: no hub runs that could be lost";
  }
  const problem = await tryHub({ docker, prefix, running, contents, timeout });
  if (problem !== undefined) {
    if (running !== undefined && (await runningHub(docker, prefix, isSwarm))?.Id !== running.Id) {
      return "not tried: the hub that ran has stopped";
    }
    throw new Error(
      `${problem}\nThe new hub would not start. It was tried before the running one was replaced, which goes on as it ` +
        "was. Correct the configuration, then run ./up again.",
    );
  }
  // One that is ill is worth no more than the spare one that may be there. A Swarm takes an update back by itself.
  if (!isSwarm && running?.State.Health?.Status === "healthy") {
    await keepSpare(docker, prefix, running);
  }
  return "the new hub would start";
}
