import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "./naming";

/** An image built on the Docker host from a folder with a Dockerfile. */
export interface BuiltImage {
  readonly kind: "build";

  /** Build context, relative to the project. */
  readonly context: string;

  /** Build arguments. They are kept in the image's history: never put a secret here. */
  readonly args?: Readonly<Record<string, string>>;
}

/** An image pulled from a registry. */
export interface PulledImage {
  readonly kind: "pull";

  /** Name with a tag or, better, a digest. A name that the Docker host already has is not pulled again. */
  readonly name: string;
}

export type NotebookImageSource = BuiltImage | PulledImage;

export interface NotebookImageArgs {
  /** Prefix of the name of a built image. */
  readonly prefix: string;

  /** Where the image comes from. A new image reaches people when they next start their server. */
  readonly source: NotebookImageSource;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;
}

type Maker = (image: NotebookImage, name: string, args: NotebookImageArgs) => pulumi.Output<string>;

const makers: { readonly [K in NotebookImageSource["kind"]]: Maker } = {
  build: (parent, name, { prefix, platform, source }) => {
    const { context, args } = source as BuiltImage;
    const image = new docker.Image(
      `${name}-build`,
      {
        imageName: `${physicalName(prefix, "notebook")}:current`,
        build: { context, platform, ...(args === undefined ? {} : { args: { ...args } }) },
        skipPush: true,
      },
      { parent },
    );
    return image.repoDigest;
  },
  pull: (parent, name, { source, platform }) => {
    const image = new docker.RemoteImage(
      `${name}-pull`,
      // Running servers use the image: it stays on the Docker host when the stack lets go of it.
      { name: (source as PulledImage).name, platform, keepLocally: true },
      { parent },
    );
    return image.imageId;
  },
};

/**
 * The image of people's notebook servers. It is on the Docker host before the hub offers it, so that no spawn
 * ever waits for a pull.
 */
export class NotebookImage extends pulumi.ComponentResource {
  /** Id of the image on the Docker host. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: NotebookImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:NotebookImage", name, {}, opts);
    this.imageId = makers[args.source.kind](this, name, args);
    this.registerOutputs({ imageId: this.imageId });
  }
}
