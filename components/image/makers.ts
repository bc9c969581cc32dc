/** How an image of each source is made. */
import { existsSync } from "node:fs";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { taskCommand } from "../../tasks/command";
import { checkOut } from "../../tasks/notebook-image/git";
import { buildContext } from "./build-context";
import type { NotebookImageSource } from "./source";

/** Build arguments by name. */
export type BuildArgs = Readonly<Record<string, string>>;

/** An image on the Docker host. */
export interface Image {
  /** Name that a Dockerfile can be built on. */
  readonly name: pulumi.Input<string>;
  readonly id: pulumi.Output<string>;
}

export interface MakerArgs<S> {
  readonly source: S;
  /** Name for a built image, with its tag. */
  readonly imageName: string;
  readonly platform: string;
  /** Where the scripts find the Docker host. */
  readonly docker: DockerAddress;
  /** The project's own image; made once for all that are built on it with the same arguments. */
  readonly defaultImage: (args?: BuildArgs) => Image;
  /** An image from a registry; pulled once for all that are built on it. */
  readonly pulled: (name: string) => Image;
  readonly opts: pulumi.CustomResourceOptions;
}

type Maker<K extends NotebookImageSource["kind"]> = (
  name: string,
  args: MakerArgs<Extract<NotebookImageSource, { kind: K }>>,
) => Image;

const contextOf = ({ context }: docker.types.input.DockerBuild) =>
  pulumi.output(context).apply((folder) => (folder === undefined ? folder : buildContext(folder)));

export function buildImage(
  name: string,
  args: Pick<MakerArgs<unknown>, "imageName" | "platform" | "opts">,
  build: docker.types.input.DockerBuild,
): Image {
  const image = new docker.Image(
    name,
    {
      imageName: args.imageName,
      build: { ...build, context: contextOf(build), platform: args.platform },
      skipPush: true,
    },
    args.opts,
  );
  // A local image has no digest of a registry: the provider gives its id here.
  return { name: args.imageName, id: image.repoDigest };
}

/** Pulls an image, for whatever is built on it. */
export function pullImage(
  name: string,
  image: string,
  { platform, docker: address, opts }: Pick<MakerArgs<unknown>, "platform" | "docker" | "opts">,
): Image {
  // An image that was there before the stack came is not the stack's to remove.
  const ownership = new command.local.Command(
    `${name}-ownership`,
    {
      create: taskCommand("pulled-image", "look"),
      delete: taskCommand("pulled-image", "remove"),
      environment: { IMAGE: image, ...dockerEnvironment(address) },
      // The removal gets what the first look printed, as PULUMI_COMMAND_STDOUT.
      triggers: [image],
    },
    opts,
  );
  const pulled = new docker.RemoteImage(
    name,
    // A tag that a server of another stack uses could not be removed, and would fail an update that is otherwise done.
    { name: image, platform, keepLocally: true },
    { ...opts, dependsOn: ownership },
  );
  return { name: pulled.name, id: pulled.imageId };
}

/** The image that a source is built on. */
function baseImage({
  source: { base, args },
  ...makers
}: MakerArgs<{ readonly base?: string | undefined; readonly args?: BuildArgs }>): Image {
  return base === undefined ? makers.defaultImage(args) : makers.pulled(base);
}

const makers: { readonly [K in NotebookImageSource["kind"]]: Maker<K> } = {
  build: (name, { source: { context, args = {} }, ...rest }) =>
    buildImage(`${name}-build`, rest, {
      context,
      ...(Object.keys(args).length === 0 ? {} : { args: { ...args } }),
    }),

  pull: (_name, { source, pulled }) => pulled(source.name),

  packages: (name, args) => {
    const base = baseImage(args);
    const { apt, pip, conda } = args.source;
    return buildImage(`${name}-packages`, args, {
      context: "./images/notebook-packages",
      args: {
        ...args.source.args,
        BASE: base.name,
        BASE_ID: base.id,
        APT: apt.join(" "),
        PIP: pip.join(" "),
        CONDA: conda.join(" "),
      },
    });
  },

  git: (name, args) => {
    const { repository, ref } = args.source;
    const base = baseImage(args);
    const commit = new command.local.Command(
      `${name}-commit`,
      {
        create: taskCommand("resolve-ref"),
        environment: { REPOSITORY: repository, REF: ref },
        triggers: [repository, ref],
      },
      args.opts,
    );
    const folder = commit.stdout.apply((id) => checkOut(repository, id.trim()));
    return buildImage(`${name}-git`, args, {
      context: folder,
      dockerfile: folder.apply((path) =>
        existsSync(`${path}/Dockerfile`) ? `${path}/Dockerfile` : "./images/notebook-git/Dockerfile",
      ),
      args: { ...args.source.args, BASE: base.name, BASE_ID: base.id },
    });
  },
};

/** Makes an image of any source. */
export function makeImage(name: string, args: MakerArgs<NotebookImageSource>): Image {
  return (makers[args.source.kind] as Maker<NotebookImageSource["kind"]>)(name, args);
}
