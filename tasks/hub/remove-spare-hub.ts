/**
 * Removes what Pulumi does not know of a stack's hub, when the stack goes: the spare one, the one of before,
 * one that was put back, and what a killed run left of a trial.
 * Environment: STACK_PREFIX, and the Docker host as in docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { givenPrefix, PUT_BACK_LABEL, ROLLED_BACK_LABEL } from "../../docker-api/naming";
import { filterName, hubName, inspected, removeContainer, trialName, undoName } from "./containers";
import { removePrevious } from "./previous";
import { removeSpare } from "./spare";

export async function run(): Promise<void> {
  const docker = await environmentClient();
  const prefix = givenPrefix();
  for (const name of [hubName(prefix), filterName(prefix)]) {
    const found = await inspected(docker, name);
    const labels = found?.Config.Labels ?? {};
    if (found !== undefined && (labels[PUT_BACK_LABEL] ?? labels[ROLLED_BACK_LABEL]) !== undefined) {
      await removeContainer(docker, found.Id);
    }
  }
  for (const name of [trialName(prefix), undoName(prefix)]) {
    await removeContainer(docker, name);
  }
  await removeSpare(docker, prefix);
  await removePrevious(docker, prefix);
}
