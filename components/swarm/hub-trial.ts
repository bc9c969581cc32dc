import * as pulumi from "@pulumi/pulumi";

import { filesOf } from "../hub/contents";
import { runTrial, type TrialArgs } from "../hub/trial";
import { dataMount, type SwarmHubArgs } from "./hub";

export type SwarmHubTrialArgs = SwarmHubArgs & TrialArgs;

/**
 * Tries the hub of a Swarm before its service is updated, as HubTrial does it: in a container on the manager that Pulumi
 * talks to, which has built the hub's image. With the running task's network, where that is on this manager, and otherwise
 * with the network of the servers.
 */
export class SwarmHubTrial extends pulumi.ComponentResource {
  constructor(name: string, args: SwarmHubTrialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmHubTrial", name, {}, opts);
    runTrial(name, this, args, {
      image: args.image,
      files: filesOf(args),
      swarm: { network: args.networks.notebooks.name, data: dataMount(args) },
    });
    this.registerOutputs({});
  }
}
