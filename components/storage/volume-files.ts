import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { uploads, type LogRotation } from "../container";
import { labels, physicalName } from "../../docker-api/naming";

/** User and group of the hub and of Traefik: each reads files that the other wrote for nobody else. */
export const OWNER = "10001:10001";

export interface VolumeFilesArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** What the files are for; it names the container: `<prefix>-<role>`. */
  readonly role: string;

  /** Id of an image with a shell. */
  readonly image: pulumi.Input<string>;

  /** Names of volumes, by the folders that they are mounted at; each is given to `OWNER`. */
  readonly volumes: Readonly<Record<string, pulumi.Input<string>>>;

  /** Contents by absolute path, in one of the volumes; all are kept as secrets. Changing one writes all anew. */
  readonly files: Readonly<Record<string, pulumi.Input<string>>>;

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
    this.container = new docker.Container(
      `${name}-container`,
      {
        name: physicalName(args.prefix, args.role),
        image: args.image,
        entrypoints: ["/bin/sh", "-ec"],
        command: [script(folders, files)],
        user: "0:0",
        networkMode: "none",
        labels: labels(args.prefix, args.role),
        // The engine reads these back with CAP_: without it, a refresh would see a difference.
        capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        logDriver: "json-file",
        logOpts: { "max-size": args.logging.maxSize, "max-file": String(args.logging.maxFiles) },
        restart: "no",
        volumes: folders.map((folder) => ({
          volumeName: args.volumes[folder] ?? "",
          containerPath: folder,
        })),
        uploads: uploads(
          files.map((path, index) => ({
            path: source(index),
            content: pulumi.secret(args.files[path] ?? ""),
          })),
        ),
        // It runs once: that it has ended is as it should be, and the provider waits for the end.
        attach: true,
        mustRun: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );

    // The provider does not mind how such a container ended.
    this.container.exitCode.apply((code) => {
      if (code) {
        throw new pulumi.RunError(
          `Files could not be put in place (exit code ${code}). See: docker logs ${physicalName(args.prefix, args.role)}`,
        );
      }
    });
    this.registerOutputs({ container: this.container.name });
  }
}

const source = (index: number): string => `/in/${index}`;

/** A shell script that gives the folders their owner and puts the uploads in place. */
export function script(folders: readonly string[], files: readonly string[]): string {
  return [
    ...folders.flatMap((folder) => [`chown ${OWNER} ${folder}`, `chmod 0700 ${folder}`]),
    ...files.flatMap((path, index) => {
      // The watcher passes over names that end in something unknown.
      const fresh = `${path}.new`;
      return [
        `cp ${source(index)} ${fresh}`,
        `chown ${OWNER} ${fresh}`,
        `chmod 0600 ${fresh}`,
        `mv ${fresh} ${path}`,
      ];
    }),
  ].join(" && ");
}
