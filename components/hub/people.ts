import { createHash } from "node:crypto";
import { posix } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import type { LogRotation } from "../container";
import { VolumeFiles } from "../storage/volume-files";
import { paths } from "./settings/paths";

export interface HubPeopleArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;
  /** Id of the hub's image. */
  readonly image: pulumi.Input<string>;
  /** Name of the volume for the file. */
  readonly volume: pulumi.Input<string>;
  /** Text of the file: `people` of `splitSettings`. */
  readonly people: pulumi.Input<string>;
  /** Log rotation. */
  readonly logging: LogRotation;
}

/** People's settings in a file of their own, which a hub that runs takes over: nobody notices a new announcement or group. */
export class HubPeople extends pulumi.ComponentResource {
  /** SHA-256 of the file. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: HubPeopleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:HubPeople", name, {}, opts);
    new VolumeFiles(
      `${name}-file`,
      {
        prefix: args.prefix,
        role: "hub-people-file",
        image: args.image,
        volumes: { [posix.dirname(paths.people)]: args.volume },
        files: { [paths.people]: args.people },
        shown: true,
        logging: args.logging,
      },
      { parent: this },
    );
    this.digest = pulumi
      .output(args.people)
      .apply((people) => createHash("sha256").update(people).digest("hex"));
    this.registerOutputs({});
  }
}

export interface PeopleTakenArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;
  /** The Docker host as configured. */
  readonly docker: DockerAddress;
  /** SHA-256 of the file. */
  readonly digest: pulumi.Input<string>;
  /** Seconds that the hub has for it, as for a start: it stops servers of people who lost their access. */
  readonly timeout: number;
}

/** Waits until the hub works with the file, and fails where it would not take it over. */
export class PeopleTaken extends pulumi.ComponentResource {
  constructor(name: string, args: PeopleTakenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:PeopleTaken", name, {}, opts);
    new command.local.Command(
      `${name}-wait`,
      {
        create: taskCommand("wait-for-people"),
        update: taskCommand("wait-for-people"),
        environment: {
          ...prefixVariable(args.prefix),
          DIGEST: args.digest,
          TIMEOUT: String(args.timeout),
          ...dockerEnvironment(args.docker),
        },
        addPreviousOutputInEnv: false,
        logging: command.local.Logging.None,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
