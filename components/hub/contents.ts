/** What the hub's container is made of: one place for the container, and for the trial before it. */
import { posix } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import type { ContainerFile, LogRotation } from "../container";
import { HUB_ALIAS, paths } from "./settings/paths";

/** Secrets that the hub reads from files, by file name. */
export interface HubSecrets extends Readonly<Record<string, pulumi.Input<string>>> {
  readonly cookie_secret: pulumi.Input<string>;
  readonly crypt_key: pulumi.Input<string>;
  readonly proxy_api_password: pulumi.Input<string>;
}

export interface HubContentsArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of the hub's image. */
  readonly image: pulumi.Input<string>;

  /** Text of the settings file: `own` of `splitSettings`. Any change replaces the hub's container, and nothing else. */
  readonly settings: pulumi.Input<string>;

  /** Text of the file with people's settings, where they are apart. A hub that runs takes another one over. @default none */
  readonly people?: pulumi.Input<string>;

  /** Secrets, one file each. */
  readonly secrets: HubSecrets;

  /** Other files for the container: templates, a logo, … Any change replaces it. @default none */
  readonly files?: readonly ContainerFile[];

  /**
   * Networks, by name: `notebooks` for servers and the reverse proxy, with the hub's fixed address there, `control` for
   * the APIs, and `outside` for identity providers and the like where `notebooks` has no way out.
   */
  readonly networks: {
    readonly notebooks: pulumi.Input<string>;
    readonly address: string;
    readonly control: pulumi.Input<string>;
    readonly outside?: pulumi.Input<string>;
  };

  /** Volumes, by name: `data` for the database, `proxy` for the routes, which their server reads. */
  readonly volumes: {
    readonly data: pulumi.Input<string>;
    readonly proxy: pulumi.Input<string>;
    /** Where people's settings are in a file of their own, which the hub cannot change. @default none */
    readonly people?: pulumi.Input<string>;
  };

  /** Log rotation. */
  readonly logging: LogRotation;
}

/** Settings, secrets and other files, in the order in which the container has them. */
export function filesOf({
  settings,
  secrets,
  files = [],
}: Pick<HubContentsArgs, "settings" | "secrets" | "files">): ContainerFile[] {
  return [
    { path: paths.settings, content: settings },
    ...Object.keys(secrets)
      .sort()
      .map((file) => ({ path: `${paths.secrets}/${file}`, content: pulumi.secret(secrets[file] ?? "") })),
    ...files,
  ];
}

/** The container's networks and volumes. */
export function attachments({ networks, volumes }: HubContentsArgs) {
  return {
    networksAdvanced: [
      { name: networks.notebooks, ipv4Address: networks.address, aliases: [HUB_ALIAS] },
      { name: networks.control },
      ...(networks.outside === undefined ? [] : [{ name: networks.outside }]),
    ],
    volumes: [
      { volumeName: volumes.data, containerPath: paths.data },
      { volumeName: volumes.proxy, containerPath: paths.proxy },
      ...(volumes.people === undefined
        ? []
        : [{ volumeName: volumes.people, containerPath: posix.dirname(paths.people), readOnly: true }]),
    ],
  };
}
