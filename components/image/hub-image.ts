import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName, prefixArgument } from "../../docker-api/naming";
import { buildContext } from "./build-context";

export interface HubImageArgs {
  /** Prefix of the image's name. */
  readonly prefix: string;

  /**
   * Build context with the Dockerfile, relative to the project.
   *
   * @default "./images/hub"
   */
  readonly context?: string;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /**
   * Python packages on top, as pip takes them. Changing them builds the image anew.
   *
   * @default none
   */
  readonly packages?: readonly string[];

  /**
   * Build arguments. They are kept in the image's history: never put a secret here.
   *
   * @default none
   */
  readonly args?: Readonly<Record<string, string>>;
}

/** The hub's image, built on the Docker host: JupyterHub and the package that turns settings into traits. */
export class HubImage extends pulumi.ComponentResource {
  /** Id of the image. It changes with what is in the image, so containers made from it are replaced. */
  readonly imageId: pulumi.Output<string>;

  /** Name of the image on the Docker host, with its tag. */
  readonly imageName: string;

  constructor(name: string, args: HubImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:HubImage", name, {}, opts);

    this.imageName = `${physicalName(args.prefix, "hub")}:current`;
    const image = new docker.Image(
      `${name}-build`,
      {
        imageName: this.imageName,
        build: {
          context: buildContext(args.context ?? "./images/hub"),
          platform: args.platform,
          args: {
            ...args.args,
            EXTRA_PACKAGES: [...(args.packages ?? [])].sort().join(" "),
            ...prefixArgument(args.prefix),
          },
        },
        skipPush: true,
      },
      { parent: this },
    );
    // A local image has no digest of a registry: the provider gives its id here.
    this.imageId = image.repoDigest;
    this.registerOutputs({ imageId: this.imageId });
  }
}
