import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName, prefixArgument } from "../../docker-api/naming";
import { buildContext } from "./build-context";

export interface FirewallImageArgs {
  /** Prefix of the image's name. */
  readonly prefix: string;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /**
   * Build context with the Dockerfile, relative to the project.
   *
   * @default "./images/firewall"
   */
  readonly context?: string;
}

/** The firewall's image, built on the Docker host: nftables and a small program. */
export class FirewallImage extends pulumi.ComponentResource {
  /** Id of the image. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: FirewallImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:FirewallImage", name, {}, opts);

    this.imageId = new docker.Image(
      `${name}-build`,
      {
        imageName: `${physicalName(args.prefix, "firewall")}:current`,
        build: {
          context: buildContext(args.context ?? "./images/firewall"),
          platform: args.platform,
          args: prefixArgument(args.prefix),
        },
        skipPush: true,
      },
      { parent: this },
    ).repoDigest;
    this.registerOutputs({ imageId: this.imageId });
  }
}
