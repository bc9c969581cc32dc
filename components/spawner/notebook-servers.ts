import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";

export interface NotebookServersArgs extends DockerAddress {
  /** Prefix of the stack: the servers carry it in their stack label. */
  readonly prefix: string;

  /** Id of the network that the servers are on: while one of them is, it can't be removed. */
  readonly network: pulumi.Input<string>;
}

/**
 * The notebook servers that the hub started. They are no resources of the stack, there being as many as people; but
 * when the stack goes they have to go before the network that they are on. People's homes stay.
 */
export class NotebookServers extends pulumi.ComponentResource {
  constructor(name: string, args: NotebookServersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:spawner:NotebookServers", name, {}, opts);

    new command.local.Command(
      `${name}-removal`,
      {
        create: "true",
        delete: taskCommand("remove-servers"),
        environment: {
          ...prefixVariable(args.prefix),
          ...dockerEnvironment(args),
        },
        triggers: [args.network],
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
