import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import { PRE_PULLER_ROLE } from "../../tasks/swarm/prepared";
import type { SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";

export interface PrePullerArgs extends SwarmCommonArgs {
  /** Slug of the profile whose image it brings. @default none: the image of servers without a profile */
  readonly profile?: string | undefined;
  /** Nodes that may run notebook servers. */
  readonly constraints: readonly string[];
}

/**
 * Brings an image of notebook servers to every node that may run them, also to those that join later: a service with
 * one task a node that does nothing. The hub leaves out nodes where it does not run yet.
 */
export class PrePuller extends pulumi.ComponentResource {
  readonly name: string;
  /** Known when all nodes have the image. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: PrePullerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:PrePuller", name, {}, opts);
    const service = args.profile === undefined ? PRE_PULLER_ROLE : `${PRE_PULLER_ROLE}-${args.profile}`;
    this.name = physicalName(args.prefix, service);
    this.ready = new SwarmService(
      name,
      {
        ...args,
        role: PRE_PULLER_ROLE,
        service,
        commands: ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"],
        user: "65534:65534",
        networks: [],
        replicas: "global",
        // Nobody uses its tasks: all nodes pull at the same time.
        parallelism: 1000,
        stopGracePeriod: "2s",
      },
      { parent: this },
    ).ready;
    this.registerOutputs({});
  }
}
