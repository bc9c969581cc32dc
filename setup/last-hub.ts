/** The hub of before, where an update has removed it and could not make another. */
import type Docker from "dockerode";

import { hubName, inspected, removeContainer, spareName, trialName } from "../tasks/hub/containers";
import { putBack } from "../tasks/hub/spare";
import { tellPutBack } from "../tasks/hub/words";
import type { Say } from "./command";
import { client } from "./endpoint";
import { messageOf } from "./errors";
import type { Session } from "./session";

/** Seconds for it to be healthy. */
const TIMEOUT = 180;

/**
 * Puts the last good hub back after an update that failed or was interrupted, if no hub is there. One that is there was
 * waited for in the update. What is left of a trial goes: it has a copy of the database.
 *
 * @param say is told what is done, and what became of it; nothing where nothing was done
 * @param next what to do then. @default to correct the configuration
 */
export async function putBackIfGone(
  { machine, engine }: Session,
  prefix: string,
  say: Say,
  next?: string,
): Promise<void> {
  if (engine === undefined) {
    return;
  }
  try {
    await putLastBack(await client(engine.endpoint, machine), prefix, say, next);
  } catch (error) {
    ["", ...tellPutBack(prefix, messageOf(error), next)].forEach(say);
  }
}

/** The same on an engine that answers. */
export async function putLastBack(docker: Docker, prefix: string, say: Say, next?: string): Promise<void> {
  await removeContainer(docker, trialName(prefix));
  if ((await inspected(docker, spareName(prefix))) === undefined) {
    return;
  }
  const hub = await inspected(docker, hubName(prefix));
  // The provider has made it, and could not start it.
  if (hub !== undefined && hub.State.Status !== "created") {
    return;
  }
  ["", "The update has removed the hub: the last good one is put back."].forEach(say);
  tellPutBack(prefix, await putBack(docker, prefix, TIMEOUT), next).forEach(say);
}
