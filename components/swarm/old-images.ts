import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import { dockerEnvironment, type DockerAddress } from "../../docker-api/environment";
import { ROLE_LABEL, STACK_LABEL } from "../naming";
import { IMAGE_ROLE } from "../notebook-image/engine";

/**
 * Removes notebook images that a node got for this stack and that are not among those to keep. One that a server uses
 * stays: the next time takes it.
 *
 * @param keep names with digests
 */
export async function removeOldImages(
  docker: Docker,
  prefix: string,
  keep: readonly string[],
): Promise<{ readonly removed: number; readonly used: number }> {
  const label = [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=${IMAGE_ROLE}`];
  const images = await docker.listImages({ filters: { label } } as Docker.ListImagesOptions);
  let [removed, used] = [0, 0];
  for (const { RepoDigests, RepoTags } of images) {
    const names = RepoDigests ?? [];
    // One without a digest was built here, and is under the care of what built it.
    if (names.length === 0 || (RepoTags ?? []).some((tag) => tag.startsWith(`${prefix}-`))) continue;
    if (names.some((name) => keep.includes(name))) continue;
    for (const name of names) {
      // Without force the engine refuses (409) for as long as a container uses it.
      const gone = await docker
        .getImage(name)
        .remove()
        .then(
          () => true,
          () => false,
        );
      if (gone) removed += 1;
      else used += 1;
    }
  }
  return { removed, used };
}

export interface OldNodeImagesArgs {
  readonly prefix: string;
  /** Nodes, by name, and their engines. */
  readonly nodes: readonly { readonly name: string; readonly docker: DockerAddress }[];
  /** Names with digests of the images that stay. */
  readonly keep: readonly pulumi.Input<string>[];
}

/** Takes old notebook images from the nodes, once the hub offers the new ones. */
export class OldNodeImages extends pulumi.ComponentResource {
  constructor(name: string, args: OldNodeImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:OldNodeImages", name, {}, opts);
    const keep = pulumi.all([...args.keep]).apply((names) => [...names].sort().join(" "));
    for (const node of args.nodes) {
      new command.local.Command(
        `${name}-${node.name}`,
        {
          create: "node --require ./setup/register.cjs components/swarm/remove-old-images.ts",
          environment: {
            STACK_PREFIX: args.prefix,
            KEEP: keep,
            NODE: node.name,
            ...dockerEnvironment(node.docker),
          },
          triggers: [keep],
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
