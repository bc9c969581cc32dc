import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";

export interface OldNodeImagesArgs {
  readonly prefix: string;
  /** Nodes, by name, and their engines. */
  readonly nodes: readonly { readonly name: string; readonly docker: DockerAddress }[];
  /** Address (and folder) of the registry. */
  readonly registry: string;
  /** Names with digests of the images that stay. */
  readonly keep: readonly pulumi.Input<string>[];
}

/** Takes the stack's old images from the nodes, once all services have the new ones. */
export class OldNodeImages extends pulumi.ComponentResource {
  constructor(name: string, args: OldNodeImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:OldNodeImages", name, {}, opts);
    const keep = pulumi.all([...args.keep]).apply((names) => [...names].sort().join(" "));
    for (const node of args.nodes) {
      new command.local.Command(
        `${name}-${node.name}`,
        {
          create: taskCommand("remove-old-images"),
          environment: {
            ...prefixVariable(args.prefix),
            REGISTRY: args.registry,
            KEEP: keep,
            NODE: node.name,
            ...dockerEnvironment(node.docker),
          },
          triggers: [keep],
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
