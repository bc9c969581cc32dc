import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { keyName } from "../../config/keys";
import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { physicalName, prefixArgument, prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import { type BuildArgs, buildImage, type Image, makeImage } from "./makers";
import type { NotebookImageSource } from "./source";

export type { NotebookImageSource } from "./source";

export interface NotebookImageArgs {
  /** Prefix of the stack: of the name of the image, and in its labels. */
  readonly prefix: string;

  /** Slug of the profile that the image is for. @default none: the image of `notebook.image` */
  readonly profile?: string | undefined;

  /** Where the image comes from. A new image reaches people when they next start their server. */
  readonly source: NotebookImageSource;

  /** The project's own image; made when a source is built on it. */
  readonly defaultImage: (args?: BuildArgs) => Image;

  /** An image from a registry, by name. */
  readonly pulled: (name: string) => Image;

  /** Id of the hub's image: both have to carry the same JupyterHub version. */
  readonly hubImage: pulumi.Input<string>;

  /** JupyterLab's default settings, a map for each plugin. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /** Docker host as configured. */
  readonly docker: DockerAddress;
}

/**
 * An image of people's notebook servers. It is on the Docker host, and known to fit the hub, before the hub offers it: no
 * spawn ever waits for a pull.
 */
export class NotebookImage extends pulumi.ComponentResource {
  /** Id of the image on the Docker host; it is known once the image was found to fit the hub. */
  readonly imageId: pulumi.Output<string>;

  /** Id of the image below the last layer. */
  readonly baseId: pulumi.Output<string>;

  /** Name of the image on the Docker host, with its tag. */
  readonly imageName: string;

  /** Slug of the profile that the image is for, if it is for one. */
  readonly profile: string | undefined;

  constructor(name: string, args: NotebookImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:NotebookImage", name, {}, opts);

    const role = args.profile === undefined ? "notebook" : `notebook-${args.profile}`;
    const repository = physicalName(args.prefix, role);
    this.imageName = `${repository}:current`;
    this.profile = args.profile;
    const common = { platform: args.platform, docker: args.docker, opts: { parent: this } };
    const base = makeImage(name, {
      ...common,
      source: args.source,
      imageName: `${repository}:source`,
      defaultImage: args.defaultImage,
      pulled: args.pulled,
    });
    this.baseId = base.id;
    const image = buildImage(
      `${name}-settings`,
      { ...common, imageName: this.imageName },
      {
        context: "./images/notebook-settings",
        args: {
          BASE: base.name,
          BASE_ID: base.id,
          ...prefixArgument(args.prefix),
          OVERRIDES: Object.keys(args.overrides).length === 0 ? "" : JSON.stringify(args.overrides),
        },
      },
    );
    const version = new command.local.Command(
      `${name}-version`,
      {
        create: taskCommand("check-versions"),
        environment: {
          ...prefixVariable(args.prefix),
          KEY:
            args.profile === undefined ? keyName("notebook.image") : `image of the profile ${args.profile}`,
          IMAGE: image.id,
          HUB_IMAGE: args.hubImage,
          ...dockerEnvironment(args.docker),
        },
        triggers: [image.id, args.hubImage],
      },
      { parent: this },
    );
    this.imageId = pulumi.all([image.id, version.stdout]).apply(([id]) => id);
    this.registerOutputs({ imageId: this.imageId });
  }
}
