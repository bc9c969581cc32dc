import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName, prefixArgument } from "../../docker-api/naming";
import { buildContext } from "../image/build-context";

export interface BackupImageArgs {
  /** Prefix of the image's name. */
  readonly prefix: string;

  /** The hub's image, which it is built on: by name, and by id, which changes with what is in it. */
  readonly hub: { readonly name: string; readonly id: pulumi.Input<string> };

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;
}

/** The image that makes backups: restic on top of the hub's image. */
export class BackupImage extends pulumi.ComponentResource {
  /** Id of the image. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: BackupImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:backup:BackupImage", name, {}, opts);

    this.imageId = new docker.Image(
      `${name}-build`,
      {
        imageName: `${physicalName(args.prefix, "backup")}:current`,
        build: {
          context: buildContext("./images/backup"),
          platform: args.platform,
          args: { BASE: args.hub.name, BASE_ID: args.hub.id, ...prefixArgument(args.prefix) },
        },
        skipPush: true,
      },
      { parent: this },
    ).repoDigest;
    this.registerOutputs({ imageId: this.imageId });
  }
}
