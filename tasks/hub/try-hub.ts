/**
 * Tries the hub to be while the one that is there runs, and keeps a spare one of that: run by Pulumi before the hub's
 * container is replaced. Standard input: `HubContents` as JSON. Environment: STACK_PREFIX, START_TIMEOUT (seconds), and
 * the Docker host as in docker-api/environment.ts.
 */
import { text } from "node:stream/consumers";

import { environmentClient } from "../../docker-api/environment";
import { givenPrefix } from "../../docker-api/naming";
import { hubName, inspected } from "./containers";
import { keepSpare } from "./spare";
import { type HubContents, tryHub } from "./trial";

export async function run(): Promise<void> {
  const contents = JSON.parse(await text(process.stdin)) as HubContents;
  const prefix = givenPrefix();
  const docker = await environmentClient();
  const running = await inspected(docker, hubName(prefix));
  if (running?.State.Running !== true || running.State.Restarting) {
    console.log("not tried: no hub runs that could be lost");
    return;
  }
  const timeout = Number(process.env["START_TIMEOUT"]);
  const problem = await tryHub({ docker, prefix, running, contents, timeout });
  if (problem !== undefined) {
    const still = await inspected(docker, running.Id);
    if (still?.State.Running !== true) {
      console.log("not tried: the hub that ran has stopped");
      return;
    }
    throw new Error(
      `${problem}\nThe new hub would not start. It was tried before the running one was replaced, which goes on as it ` +
        "was. Correct the configuration, then run ./up again.",
    );
  }
  // One that is ill is worth no more than the spare one that may be there.
  if (running.State.Health?.Status === "healthy") {
    await keepSpare(docker, prefix, running);
  }
  console.log("the new hub would start");
}
