import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import {
  type ContainerFile,
  healthcheck,
  limits,
  type LogRotation,
  service,
  serviceOptions,
  uploads,
} from "../container";
import { answers } from "../health";
import { HUB_ALIAS, HUB_PORT, paths } from "./settings/paths";

/** Secrets that the hub reads from files, by file name. */
export interface HubSecrets extends Readonly<Record<string, pulumi.Input<string>>> {
  readonly cookie_secret: pulumi.Input<string>;
  readonly crypt_key: pulumi.Input<string>;
  readonly proxy_api_password: pulumi.Input<string>;
}

export interface HubArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of the hub's image. */
  readonly image: pulumi.Input<string>;

  /** Text of the settings file: `renderSettings`. Any change replaces the hub's container, and nothing else. */
  readonly settings: pulumi.Input<string>;

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
  readonly volumes: { readonly data: pulumi.Input<string>; readonly proxy: pulumi.Input<string> };

  /** Path of the site, with a `/` at both ends. */
  readonly baseUrl: string;

  /** Seconds that the hub has to become healthy. */
  readonly startTimeout: number;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * The hub: logs people in, starts their servers, and writes the reverse proxy's routes. Running servers and their
 * routes do not need it: they go on while it is replaced.
 */
export class Hub extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: HubArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:Hub", name, {}, opts);

    const secrets = Object.keys(args.secrets)
      .sort()
      .map((file) => ({
        path: `${paths.secrets}/${file}`,
        content: pulumi.secret(args.secrets[file] ?? ""),
      }));

    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "hub", logging: args.logging }),
        name: physicalName(args.prefix, "hub"),
        image: args.image,
        ...limits(2048),
        networksAdvanced: [
          { name: args.networks.notebooks, ipv4Address: args.networks.address, aliases: [HUB_ALIAS] },
          { name: args.networks.control },
          ...(args.networks.outside === undefined ? [] : [{ name: args.networks.outside }]),
        ],
        volumes: [
          { volumeName: args.volumes.data, containerPath: paths.data },
          { volumeName: args.volumes.proxy, containerPath: paths.proxy },
        ],
        uploads: uploads([
          { path: paths.settings, content: args.settings },
          ...secrets,
          ...(args.files ?? []),
        ]),
        healthcheck: healthcheck(answers(HUB_PORT, `${args.baseUrl}hub/health`), { startPeriod: "30s" }),
        // A database upgrade with its backup can take longer than the provider's usual minute.
        waitTimeout: args.startTimeout,
        stopTimeout: 20,
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
