import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";

export interface ServerTrialArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Name of the stack, for commands that help. */
  readonly stack: string;

  /** The Docker host as configured. */
  readonly docker: DockerAddress;

  /** Seconds for all servers to start and to answer, if they did it one after the other. */
  readonly startTimeout: number;

  /** Whether the Docker host has a hub of this stack: on a new one, everything would be a change. */
  readonly hasHub: boolean;

  /** All that servers depend on. They are tried when any of it changes. */
  readonly needs: readonly pulumi.Input<string>[];
}

/** Keys of the hub's settings that servers depend on. */
const SETTINGS = ["docker", "lockdown", "spawner", "storage"] as const;

/** What of the hub's settings servers depend on, as text. */
export function settingsOfServers(settings: string): string {
  const all = JSON.parse(settings) as Readonly<Record<string, unknown>>;
  return JSON.stringify(SETTINGS.map((key) => all[key] ?? null));
}

/**
 * Starts a server of nobody's from each image and waits for its answer, once the hub is ready after a change of what
 * servers need. Servers that would not start fail the update, with the reason; the next one tries again.
 */
export class ServerTrial extends pulumi.ComponentResource {
  constructor(name: string, args: ServerTrialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:ServerTrial", name, {}, opts);

    new command.local.Command(
      `${name}-run`,
      {
        create: args.hasHub ? taskCommand("try-servers") : "true",
        update: taskCommand("try-servers"),
        environment: {
          ...prefixVariable(args.prefix),
          STACK: args.stack,
          START_TIMEOUT: String(args.startTimeout),
          ...dockerEnvironment(args.docker),
          NEEDS: pulumi.all([...args.needs]).apply(digest),
        },
        addPreviousOutputInEnv: false,
        logging: command.local.Logging.None,
      },
      // Whether there is a hub is another question the next time, and no change.
      { parent: this, ignoreChanges: ["create"] },
    );
    this.registerOutputs({});
  }
}

const digest = (needs: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(needs)).digest("hex");
