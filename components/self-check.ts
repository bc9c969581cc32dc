import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

export interface SelfCheckArgs {
  /** Prefix of the stack: what is checked is found by it. */
  readonly prefix: string;

  /** Docker host as configured, or undefined for the environment's. */
  readonly host: string | undefined;

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
        create: "node --require ./setup/register.cjs probes/main.ts",
        environment: {
          STACK_PREFIX: args.prefix,
          ...(args.host === undefined ? {} : { DOCKER_HOST: args.host }),
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
