import type * as pulumi from "@pulumi/pulumi";

import { configuredClient, type DockerAddress } from "../../docker-api/environment";
import { nodesOf } from "../../docker-api/swarm";
import { preparedNodes } from "../../tasks/swarm/prepared";
import { entryAddresses, type NodeOutput, nodeOutputs } from "./entry";

export interface SwarmNodesArgs {
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  readonly prefix: string;
  /** Nodes that may run Traefik. */
  readonly constraints: readonly string[];
  /** Known when there is something to look at. */
  readonly ready: pulumi.Output<unknown>;
}

/** The nodes of a Swarm, and the addresses of those that browsers talk to. Asked once all services run. */
export function swarmNodes(args: SwarmNodesArgs): pulumi.Output<{
  readonly nodes: NodeOutput[];
  readonly entries: string[];
}> {
  return args.ready.apply(async () => {
    const docker = await configuredClient(args.docker);
    const [nodes, prepared] = await Promise.all([nodesOf(docker), preparedNodes(docker, args.prefix)]);
    return { nodes: nodeOutputs(nodes, prepared), entries: entryAddresses(nodes, args.constraints) };
  });
}
