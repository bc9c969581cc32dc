import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { physicalName, prefixVariable, shortHash } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import { type BuildArgs, buildImage, pullImage } from "./makers";
import { NotebookImage, type NotebookImageArgs } from "./notebook-image";
import { DEFAULT_CONTEXT, type NotebookImageSource, once, sourceKey } from "./source";

export interface NotebookImagesArgs extends Pick<
  NotebookImageArgs,
  "prefix" | "hubImage" | "overrides" | "platform" | "docker"
> {
  /** Image of servers without a profile, and of profiles that name none. */
  readonly source: NotebookImageSource;

  /** Profiles, with their own image where they have one. */
  readonly profiles: readonly {
    readonly slug: string;
    readonly image?: NotebookImageSource | undefined;
  }[];
}

/** Arguments as a text that is the same whatever their order; empty for none. */
function argsKey(args: BuildArgs = {}): string {
  const pairs = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? "" : JSON.stringify(Object.fromEntries(pairs));
}

type ImageSources = Pick<NotebookImageArgs, "defaultImage" | "pulled">;

/** All images that servers are started from. Two profiles of the same source share one. */
export class NotebookImages extends pulumi.ComponentResource {
  /** Id of the image of servers without a profile. */
  readonly imageId: pulumi.Output<string>;

  /** Id of each profile's image, by slug. */
  readonly ofProfiles: pulumi.Output<Record<string, string>>;

  /** Ids of all images, each once. */
  readonly all: readonly pulumi.Output<string>[];

  /** Ids of the images that these are built on: the state has them, so they stay, too. */
  readonly bases: readonly pulumi.Output<string>[];

  /** All images, each once. */
  readonly images: readonly NotebookImage[];

  /** Name of the image of servers without a profile, and of each profile's, by slug. */
  readonly imageName: string;
  readonly namesOfProfiles: Readonly<Record<string, string>>;

  constructor(name: string, args: NotebookImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:NotebookImages", name, {}, opts);

    const { prefix, platform, docker: address, hubImage, overrides } = args;
    const common = { platform, docker: address, opts: { parent: this } };
    const defaults: pulumi.Output<string>[] = [];
    const defaultImage = once((key) => {
      const label = key === "" ? "default" : `default-${shortHash(key)}`;
      const image = buildImage(
        `${name}-${label}`,
        { ...common, imageName: `${physicalName(prefix, "notebook")}:${label}` },
        { context: DEFAULT_CONTEXT, ...(key === "" ? {} : { args: JSON.parse(key) as BuildArgs }) },
      );
      defaults.push(image.id);
      return image;
    });
    const images: ImageSources = {
      defaultImage: (args) => defaultImage(argsKey(args)),
      pulled: once((image) =>
        pullImage(`${name}-pull-${image.replaceAll(/[^A-Za-z0-9.]+/g, "-")}`, image, common),
      ),
    };

    const made = new Map<string, NotebookImage>();
    const make = (source: NotebookImageSource, profile?: string): NotebookImage => {
      const key = sourceKey(source);
      const known = made.get(key);
      if (known !== undefined) {
        return known;
      }
      const image = new NotebookImage(
        profile === undefined ? "notebook-image" : `notebook-image-${profile}`,
        { prefix, profile, source, ...images, hubImage, overrides, platform, docker: address },
        { parent: this },
      );
      made.set(key, image);
      return image;
    };
    const own = make(args.source);
    const ofProfiles = args.profiles.map(
      ({ slug, image = args.source }) => [slug, make(image, slug)] as const,
    );
    this.imageId = own.imageId;
    this.imageName = own.imageName;
    this.ofProfiles = pulumi.all(
      Object.fromEntries(ofProfiles.map(([slug, { imageId }]) => [slug, imageId])),
    );
    this.namesOfProfiles = Object.fromEntries(ofProfiles.map(([slug, { imageName }]) => [slug, imageName]));
    this.images = [...made.values()];
    this.all = this.images.map(({ imageId }) => imageId);
    this.bases = [...defaults, ...this.images.map(({ baseId }) => baseId)];

    new command.local.Command(
      `${name}-removal`,
      {
        create: "true",
        delete: taskCommand("remove-images"),
        environment: { ...prefixVariable(prefix), ...dockerEnvironment(address) },
      },
      { parent: this },
    );
    this.registerOutputs({ imageId: this.imageId });
  }
}

export interface OldNotebookImagesArgs {
  /** Prefix of the stack, in the images' labels. */
  readonly prefix: string;

  /** Docker host as configured. */
  readonly docker: DockerAddress;

  /** Ids of the images that stay: those that servers are started from, and those that they are built on. */
  readonly keep: readonly pulumi.Input<string>[];
}

/**
 * Removes notebook images that the stack made earlier, once the hub offers the new ones. An image that a server still
 * uses is left for the hub, which removes it when the last of them stops.
 */
export class OldNotebookImages extends pulumi.ComponentResource {
  constructor(name: string, args: OldNotebookImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:image:OldNotebookImages", name, {}, opts);

    new command.local.Command(
      `${name}-removal`,
      {
        create: taskCommand("remove-images"),
        environment: {
          ...prefixVariable(args.prefix),
          KEEP: pulumi.all([...args.keep]).apply((ids) => [...new Set(ids)].sort().join(" ")),
          ...dockerEnvironment(args.docker),
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
