/**
 * Removes what Pulumi does not know of a stack's hub, when the stack goes: the spare one, one that
 * was put back, and what a killed run left of a trial.
 * Environment: STACK_PREFIX, and the Docker host as in docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { givenPrefix, PUT_BACK_LABEL } from "../../docker-api/naming";
import { hubName, inspected, removeContainer, trialName, undoName } from "./containers";
import { removeSpare } from "./spare";

export async function run(): Promise<void> {
  const docker = await environmentClient();
  const prefix = givenPrefix();
  const hub = await inspected(docker, hubName(prefix));
  if (hub?.Config.Labels[PUT_BACK_LABEL] !== undefined) {
    await removeContainer(docker, hub.Id);
  }
  for (const name of [trialName(prefix), undoName(prefix)]) {
    await removeContainer(docker, name);
  }
  await removeSpare(docker, prefix);
}
