import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import {
  type ContainerFile,
  healthcheck,
  type LogRotation,
  service,
  serviceOptions,
  uploads,
} from "../container";
import { paths } from "../hub/settings/paths";
import { type BackupSettings, isFolder, places, renderBackup } from "./settings";

export interface BackupArgs extends BackupSettings {
  /** Id of the image. Changing it replaces the container. */
  readonly image: pulumi.Input<string>;

  /** Name of the volume for what it knows itself. */
  readonly volume: pulumi.Input<string>;

  /** The engine's folder for its own data on the Docker host, such as `/var/lib/docker`. */
  readonly engineFolder: string;

  /** Names of networks: none where it needs neither an address nor a database server. */
  readonly networks: readonly pulumi.Input<string>[];

  /** Secret files by name. */
  readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/** Its health: there while the last good backup is young enough. */
export const BACKUP_CHECK = {
  command: `test -e ${places.own}/ok || { echo "the last good backup is more than 36 hours old"; false; }`,
  every: 30,
};

/**
 * Makes backups, once a day and when asked. It reads people's volumes where the engine has them, so it needs neither the
 * Docker API nor the hub, and writes to nothing but the backups and a volume of its own.
 */
export class Backup extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:backup:Backup", name, {}, opts);
    const { backup, storage, networks } = args;
    const files: ContainerFile[] = [
      { path: places.settings, content: renderBackup(args) },
      ...Object.entries(args.secrets).map(([secret, content]) => ({
        path: `${paths.secrets}/${secret}`,
        content,
      })),
    ];
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "backup", logging: args.logging }),
        name: physicalName(args.prefix, "backup"),
        image: args.image,
        // Files of everybody, with their owners: to read them, and to write them where some are restored.
        user: "0:0",
        capabilities: {
          adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID"],
          drops: ["ALL"],
        },
        memory: 1024,
        memorySwap: 1024,
        cpuShares: 256,
        ...(networks.length === 0
          ? { networkMode: "none" }
          : { networksAdvanced: networks.map((network) => ({ name: network })) }),
        volumes: [
          { volumeName: args.volume, containerPath: places.own },
          { hostPath: `${args.engineFolder}/volumes`, containerPath: places.volumes, readOnly: true },
          ...(storage.homes.kind === "tree"
            ? [{ hostPath: storage.homes.root, containerPath: places.tree, readOnly: true }]
            : []),
          ...(isFolder(backup) ? [{ hostPath: backup.to, containerPath: places.repository }] : []),
        ],
        uploads: uploads(files),
        // A backup that runs is ended in between, and its lock is taken away.
        destroyGraceSeconds: 30,
        healthcheck: healthcheck(BACKUP_CHECK, { retries: 20 }),
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
