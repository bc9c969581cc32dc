import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { taskCommand } from "../../tasks/command";
import type { Member } from "../../tasks/swarm/membership";

export interface SwarmMembersArgs {
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  /** Address of the first manager, for a Swarm that is made. */
  readonly advertise: string | undefined;
  /** Machines that are to be in the Swarm. A new list joins those that are not; none is ever taken out. */
  readonly nodes: readonly Member[];
}

/** The Swarm itself: made where there is none. It stays when the stack goes: other stacks may be on it. */
export class SwarmMembers extends pulumi.ComponentResource {
  constructor(name: string, args: SwarmMembersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmMembers", name, {}, opts);
    const nodes = JSON.stringify(
      args.nodes.map(({ name, host, role, address }) => ({ name, host, role, address })),
    );
    new command.local.Command(
      `${name}-join`,
      {
        create: taskCommand("form-swarm"),
        environment: {
          SWARM_ADVERTISE: args.advertise ?? "",
          SWARM_NODES: nodes,
          ...dockerEnvironment(args.docker),
        },
        triggers: [nodes],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
