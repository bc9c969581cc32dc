/** What a preview says of a change that is allowed, and that people will feel: a function a matter. */
import type { HubConfig } from "../config";
import { loggedOut } from "./cookies";
import { dockerAddress } from "./docker-host";
import { withdrawnRights } from "./rights";
import { type RunningHub, runningHub } from "./running-hub";

/** Sentences on what changes between the hub that is there and the configuration; none where nothing does. */
export type Notice = (config: HubConfig, hub: RunningHub) => readonly string[] | Promise<readonly string[]>;

const NOTICES: readonly Notice[] = [loggedOut, withdrawnRights];

/** Looks at the stack's hub: what the configuration changes for people, to be said as warnings of `preview` and `up`. */
export async function notices(config: HubConfig): Promise<readonly string[]> {
  const hub = await runningHub({
    address: dockerAddress(config.docker, process.env),
    prefix: config.name,
    swarm: config.variant === "swarm",
  });
  if (hub === undefined) {
    return [];
  }
  const sentences: string[] = [];
  for (const notice of NOTICES) {
    sentences.push(...(await notice(config, hub)));
  }
  return sentences;
}
