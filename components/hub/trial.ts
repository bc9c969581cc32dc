import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import { written } from "../logging";
import { attachments, filesOf, type HubContentsArgs } from "./contents";
import { paths } from "./settings/paths";

export interface TrialArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** The Docker host as configured; of a Swarm the manager. */
  readonly docker: DockerAddress;

  /** Seconds that a hub has to start. */
  readonly startTimeout: number;

  /** Whether the Docker host has a hub of this stack, which could be lost. */
  readonly hasHub: boolean;
}

export type HubTrialArgs = HubContentsArgs & TrialArgs;

/**
 * Tries the hub to be before the one that runs is replaced: its image, settings, extra configuration and secrets, in a
 * throw-away container on a copy of the database. A hub that would not start fails the update, and the one that runs goes
 * on. Runs whenever something changes that replaces the hub's container.
 */
export class HubTrial extends pulumi.ComponentResource {
  constructor(name: string, args: HubTrialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:HubTrial", name, {}, opts);
    runTrial(name, this, args, {
      image: args.image,
      files: [
        ...filesOf(args),
        ...(args.people === undefined ? [] : [{ path: paths.people, content: args.people }]),
      ],
      // The trial has no need of them; a change of them replaces the hub, too, of which a spare one is kept then.
      ...attachments(args),
      logging: written(args.logging),
    });
    this.registerOutputs({});
  }
}

/** The resource that runs a trial. @param contents what the hub is made of: `HubContents` of the task, and more */
export function runTrial(
  name: string,
  parent: pulumi.Resource,
  { prefix, docker, startTimeout, hasHub }: TrialArgs,
  contents: pulumi.Input<object>,
): void {
  new command.local.Command(
    `${name}-run`,
    {
      create: hasHub ? taskCommand("try-hub") : "true",
      update: taskCommand("try-hub"),
      delete: taskCommand("remove-spare-hub"),
      // Not an argument, which others on this machine see, nor an environment, which has too little room.
      stdin: pulumi.secret(pulumi.jsonStringify(contents)),
      environment: {
        ...prefixVariable(prefix),
        START_TIMEOUT: String(startTimeout),
        ...dockerEnvironment(docker),
      },
      // Of no use to the one after it, and secret as all that is made of a secret.
      addPreviousOutputInEnv: false,
      logging: command.local.Logging.None,
    },
    // Whether there is a hub is another question the next time, and no change.
    { parent, ignoreChanges: ["create"] },
  );
}
