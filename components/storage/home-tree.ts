import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type LogRotation, runOnce } from "../container";
import { TREE_PARENTS } from "./volumes";

/** Folder of the tree in the container that makes it. */
const TREE = "/tree";

/**
 * Root owns the folders that people's homes and group folders are in. Somebody else, such as an admin with the folder
 * `users`, could put a link to anywhere on the host in the place of a home.
 */
const SCRIPT = `for folder; do
  if [ -L "${TREE}/$folder" ]; then echo "$folder is a link: a folder is expected" >&2; exit 1; fi
  install --directory --owner 0 --group 0 --mode 0755 "${TREE}/$folder"
done`;

export interface HomeTreeArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of an image with a shell: the hub's. */
  readonly image: pulumi.Input<string>;

  /** Folder on the Docker host; made if it is missing. Changing it makes another tree and leaves this one. */
  readonly root: string;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * The folders of a tree of homes that have to be there before the first of them, made by a container that runs once.
 * Homes, and the folders that people share, are made by the hub.
 */
export class HomeTree extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: HomeTreeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:storage:HomeTree", name, {}, opts);

    this.container = runOnce(
      `${name}-container`,
      {
        prefix: args.prefix,
        role: "home-tree",
        image: args.image,
        entrypoints: ["/bin/sh", "-euc", SCRIPT, "home-tree"],
        command: [...TREE_PARENTS],
        volumes: [{ hostPath: args.root, containerPath: TREE }],
        logging: args.logging,
        failure: `The folders for homes in ${args.root} could not be created`,
      },
      this,
    );
    this.registerOutputs({ container: this.container.name });
  }
}
