import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type LogRotation, runOnce, uploads } from "../container";
import { USER } from "../hub/settings/paths";

export interface VolumeFilesArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** What the files are for; it names the container: `<prefix>-<role>`. */
  readonly role: string;

  /** Id of an image with a shell. */
  readonly image: pulumi.Input<string>;

  /** Names of volumes, by the folders that they are mounted at; each is given to `USER`. */
  readonly volumes: Readonly<Record<string, pulumi.Input<string>>>;

  /** Contents by absolute path, in one of the volumes. Changing one writes all anew. */
  readonly files: Readonly<Record<string, pulumi.Input<string>>>;

  /** Whether a preview may show what changes in them. @default false, as of secrets */
  readonly shown?: boolean;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * Files in volumes, written by a small container that ends: a container with a read-only root file system takes no
 * uploads of its own. Each file appears in one step, so whoever watches the folder never sees half of it.
 */
export class VolumeFiles extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: VolumeFilesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:storage:VolumeFiles", name, {}, opts);

    const folders = Object.keys(args.volumes).sort();
    const files = Object.keys(args.files).sort();
    this.container = runOnce(
      `${name}-container`,
      {
        prefix: args.prefix,
        role: args.role,
        image: args.image,
        entrypoints: ["/bin/sh", "-ec"],
        command: [script(folders, files)],
        volumes: folders.map((folder) => ({
          volumeName: args.volumes[folder] ?? "",
          containerPath: folder,
        })),
        uploads: uploads(
          files.map((path, index) => ({
            path: source(index),
            content: args.shown === true ? (args.files[path] ?? "") : pulumi.secret(args.files[path] ?? ""),
          })),
        ),
        logging: args.logging,
        failure: "Files could not be put in place",
      },
      this,
    );
    this.registerOutputs({ container: this.container.name });
  }
}

const source = (index: number): string => `/in/${index}`;

/** A shell script that gives the folders their owner and puts the uploads in place. */
export function script(folders: readonly string[], files: readonly string[]): string {
  return [
    ...folders.flatMap((folder) => [`chown ${USER} ${folder}`, `chmod 0700 ${folder}`]),
    ...files.flatMap((path, index) => {
      // The watcher passes over names that end in something unknown.
      const fresh = `${path}.new`;
      return [
        `cp ${source(index)} ${fresh}`,
        `chown ${USER} ${fresh}`,
        `chmod 0600 ${fresh}`,
        `mv ${fresh} ${path}`,
      ];
    }),
  ].join(" && ");
}

/** What such a script copies where: the upload's path, and that of the file. Empty for any other text. */
export function written(script: string): { readonly from: string; readonly to: string }[] {
  return [...script.matchAll(/(?:^| )cp (?<from>\/in\/\d+) (?<to>\S+)\.new(?= |$)/g)].map(({ groups }) => ({
    from: groups?.["from"] ?? "",
    to: groups?.["to"] ?? "",
  }));
}
