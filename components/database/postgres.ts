import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import { healthcheck, type LogRotation, service, serviceOptions, uploads } from "../container";
import { generatedPassword, type Kept } from "../generated";
import {
  DATA_DIRECTORY,
  HUB_ROLE,
  PASSWORD_FILE,
  RULES,
  RULES_FILE,
  serverOptions,
  START_SCRIPT,
} from "./postgres-start";

/** Name of the database on the control network. */
const ALIAS = "database";
const PORT = 5432;
const START_FILE = "/usr/local/bin/start-database";

export interface PostgresArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Name of an image of PostgreSQL 17, with a tag or digest. Changing it replaces the container. */
  readonly imageName: string;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /** Memory of the container in bytes. Changed in place. */
  readonly memory: number;

  /** Name of the control network: the only one that the database is on. */
  readonly network: pulumi.Input<string>;

  /** Name of the volume with the database. */
  readonly volume: pulumi.Input<string>;

  /** Log rotation. */
  readonly logging: LogRotation;

  /**
   * Secrets of the stack from before its state was lost.
   *
   * @default none
   */
  readonly kept?: Kept | undefined;
}

/** PostgreSQL for the hub, and for nobody else: on the control network, which no notebook is on. */
export class Postgres extends pulumi.ComponentResource {
  readonly container: docker.Container;

  /** Password of the hub's role; secret. A new one holds as soon as the container, which it replaces, is up. */
  readonly password: pulumi.Output<string>;

  /** Where the hub finds its database. */
  readonly connection = { host: ALIAS, port: PORT, name: HUB_ROLE, user: HUB_ROLE } as const;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:database:Postgres", name, {}, opts);

    // Letters and digits only: it is part of an SQL statement.
    this.password = generatedPassword(`${name}-password`, 32, this, args.kept);

    const image = new docker.RemoteImage(
      `${name}-image`,
      // Other stacks on the host may use it.
      { name: args.imageName, platform: args.platform, keepLocally: true },
      { parent: this },
    ).imageId;

    const megabytes = Math.ceil(args.memory / 1024 ** 2);
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "database", logging: args.logging }),
        name: physicalName(args.prefix, "database"),
        image,
        entrypoints: ["/bin/bash", START_FILE],
        command: serverOptions(),
        // The user postgres of the official image.
        user: "999:999",
        memory: megabytes,
        memorySwap: megabytes,
        // Those who are connected are cut off, and what is committed is on disk: the next start has nothing to mend.
        stopSignal: "SIGINT",
        stopTimeout: 30,
        destroyGraceSeconds: 30,
        networksAdvanced: [{ name: args.network, aliases: [ALIAS] }],
        volumes: [{ volumeName: args.volume, containerPath: DATA_DIRECTORY }],
        uploads: uploads([
          { path: START_FILE, content: START_SCRIPT },
          { path: RULES_FILE, content: RULES },
          { path: PASSWORD_FILE, content: pulumi.secret(this.password) },
        ]),
        // Over TCP: before it is ready for that, it may still be at its single-user start.
        healthcheck: healthcheck(
          { command: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${HUB_ROLE}`] },
          { startPeriod: "30s" },
        ),
        waitTimeout: 120,
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
