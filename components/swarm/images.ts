import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { DockerAddress } from "../../docker-api/environment";
import { physicalName, prefixArgument } from "../../docker-api/naming";
import { buildContext } from "../image/build-context";
import { HubImage } from "../image/hub-image";
import { NotebookImages, type NotebookImagesArgs } from "../image/notebook-images";

/** The registry that all nodes pull from. */
export interface SwarmRegistry {
  /** `host[:port][/folder]` */
  readonly address: string;
  readonly user?: string | undefined;
  readonly password?: pulumi.Input<string> | undefined;
}

export interface SwarmImagesArgs {
  readonly prefix: string;
  readonly registry: SwarmRegistry;
  /** Traefik's image, which is copied into the registry. */
  readonly proxy: string;
  /** Images of notebook servers: see NotebookImages. */
  readonly notebooks: Pick<NotebookImagesArgs, "source" | "profiles" | "overrides">;
  /** Python packages of the hub, on top, and build arguments. @default none */
  readonly hub?: {
    readonly packages?: readonly string[] | undefined;
    readonly args?: Readonly<Record<string, string>> | undefined;
  };
  /** Platform of the manager that builds, such as `linux/amd64`. */
  readonly platform: string;
  /** The manager, as configured. */
  readonly docker: DockerAddress;
}

/** An image of notebook servers. */
export interface SwarmNotebookImage {
  /** Slug of the profile that it was made for first; undefined for that of servers without one. */
  readonly profile: string | undefined;
  /** Name with a digest. */
  readonly image: pulumi.Output<string>;
}

/** Login for a registry, in the form that services take; undefined without a user. */
export function registryAuth(registry: SwarmRegistry): docker.types.input.ServiceAuth | undefined {
  if (registry.user === undefined || registry.password === undefined) {
    return undefined;
  }
  const [server = ""] = registry.address.split("/");
  return { serverAddress: server, username: registry.user, password: pulumi.secret(registry.password) };
}

/**
 * The stack's images: made once, on the manager, as those of a single host, and then pushed to the registry. Nodes get them
 * by digest.
 */
export class SwarmImages extends pulumi.ComponentResource {
  readonly hub: pulumi.Output<string>;
  readonly proxy: pulumi.Output<string>;
  readonly redis: pulumi.Output<string>;
  readonly firewall: pulumi.Output<string>;
  /** Image of servers without a profile. */
  readonly notebook: pulumi.Output<string>;
  /** Image of each profile, by slug. */
  readonly ofProfiles: pulumi.Output<Record<string, string>>;
  /** All images of notebook servers, each once. */
  readonly notebooks: readonly SwarmNotebookImage[];
  /** Ids of the notebook images on the manager, and of those that they are built on. */
  readonly local: readonly pulumi.Output<string>[];

  constructor(name: string, args: SwarmImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmImages", name, {}, opts);
    const { prefix, platform, registry } = args;
    const parent = { parent: this };
    const [server = ""] = registry.address.split("/");
    const login =
      registry.user === undefined || registry.password === undefined
        ? {}
        : { username: registry.user, password: pulumi.secret(registry.password) };
    const push = (role: string, context: string, buildArgs?: Record<string, pulumi.Input<string>>) =>
      new docker.Image(
        `${name}-${role}`,
        {
          imageName: `${registry.address}/${physicalName(prefix, role)}:current`,
          build: { context: buildContext(context), platform, ...(buildArgs ? { args: buildArgs } : {}) },
          registry: { server, ...login },
        },
        parent,
      ).repoDigest;
    /** An image as it is. The id is what changes when what is under the name does. */
    const mirror = (role: string, image: string, id?: pulumi.Input<string>) =>
      push(role, "./images/mirror", { IMAGE: image, ...(id === undefined ? {} : { IMAGE_ID: id }) });

    const hub = new HubImage("hub-image", { prefix, platform, ...args.hub }, parent);
    const notebooks = new NotebookImages(
      "notebook-images",
      { ...args.notebooks, prefix, platform, docker: args.docker, hubImage: hub.imageId },
      parent,
    );
    this.hub = mirror("hub", hub.imageName, hub.imageId);
    this.proxy = mirror("proxy", args.proxy);
    this.redis = push("redis", "./images/redis");
    this.firewall = push("firewall", "./images/firewall", prefixArgument(prefix));
    const pushed = new Map(
      notebooks.images.map(({ imageName, imageId, profile }) => [
        imageName,
        {
          profile,
          image: mirror(profile === undefined ? "notebook" : `notebook-${profile}`, imageName, imageId),
        },
      ]),
    );
    this.notebooks = [...pushed.values()];
    this.local = [...notebooks.all, ...notebooks.bases];
    const imageOf = (imageName: string): pulumi.Output<string> =>
      pushed.get(imageName)?.image ?? pulumi.output("");
    this.notebook = imageOf(notebooks.imageName);
    this.ofProfiles = pulumi.all(
      Object.fromEntries(
        Object.entries(notebooks.namesOfProfiles).map(([slug, imageName]) => [slug, imageOf(imageName)]),
      ),
    );
    this.registerOutputs({ hub: this.hub, notebook: this.notebook });
  }
}
