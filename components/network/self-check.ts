import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";

export interface SelfCheckArgs {
  /** Prefix of the stack: what is checked is found by it. */
  readonly prefix: string;

  /** The Docker host as configured. */
  readonly docker: DockerAddress;

  /** The check runs when all of these are there, and again when one changes. */
  readonly triggers: readonly pulumi.Input<string>[];
}

/**
 * Tries what a notebook server must not reach or do, from inside a throw-away one, and fails the update with the name of
 * the hole it finds.
 */
export class SelfCheck extends pulumi.ComponentResource {
  constructor(name: string, args: SelfCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:network:SelfCheck", name, {}, opts);

    new command.local.Command(
      `${name}-probes`,
      {
        create: taskCommand("self-check"),
        environment: {
          ...prefixVariable(args.prefix),
          ...dockerEnvironment(args.docker),
        },
        triggers: [...args.triggers],
        // The table is kept; what is wrong is told.
        logging: command.local.Logging.Stderr,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
