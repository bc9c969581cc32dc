/** What a preview says of a change that is allowed, and that people will feel: a function a matter. */
import * as pulumi from "@pulumi/pulumi";

import type { HubConfig } from "../config";
import { dockerAddress } from "./engine";
import { withdrawnRights } from "./rights";
import { runningHub, type RunningHub } from "./running-hub";

/** Sentences on what changes between the hub that is there and the configuration; none where nothing does. */
export type Notice = (config: HubConfig, hub: RunningHub) => readonly string[] | Promise<readonly string[]>;

const NOTICES: readonly Notice[] = [withdrawnRights];

/** Looks at the stack's hub and says, as warnings of `preview` and `up`, what the configuration changes for people. */
export async function giveNotice(config: HubConfig): Promise<void> {
  const hub = await runningHub({
    address: dockerAddress(config.docker, process.env),
    prefix: config.name,
    swarm: config.variant === "swarm",
  });
  if (hub === undefined) return;
  for (const notice of NOTICES) {
    for (const sentence of await notice(config, hub)) await pulumi.log.warn(sentence);
  }
}
