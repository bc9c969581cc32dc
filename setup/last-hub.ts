/** The hub of before, where an update has removed it and could not make another. */
import { hubName, inspected, spareName } from "../tasks/hub/containers";
import { putBack } from "../tasks/hub/spare";
import { tellPutBack } from "../tasks/hub/words";
import { client } from "./endpoint";
import { messageOf } from "./errors";
import type { Session } from "./session";

/** Seconds for it to be healthy. */
const TIMEOUT = 180;

/**
 * Puts the last good hub back after an update that failed, if no hub is there. One that is there was waited for in the
 * update.
 *
 * @returns what to say of it; nothing where nothing was done
 */
export async function putBackIfGone({ machine, engine }: Session, prefix: string): Promise<string[]> {
  if (engine === undefined) {
    return [];
  }
  try {
    const docker = await client(engine.endpoint, machine);
    if ((await inspected(docker, spareName(prefix))) === undefined) {
      return [];
    }
    const hub = await inspected(docker, hubName(prefix));
    // The provider has made it, and could not start it.
    if (hub !== undefined && hub.State.Status !== "created") {
      return [];
    }
    return ["", ...tellPutBack(prefix, await putBack(docker, prefix, TIMEOUT))];
  } catch (error) {
    return ["", ...tellPutBack(prefix, messageOf(error))];
  }
}
