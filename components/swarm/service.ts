import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { labels, physicalName, shortHash } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import type { LogRotation } from "../container";
import { type Check, patient, TIMEOUT } from "../health";
import { logDriver } from "../logging";

/** A file of a service's tasks, with who may read it. */
export interface SwarmFile {
  /** Absolute path, or a name in `/run/secrets` for a secret. */
  readonly file: string;
  readonly content?: pulumi.Input<string> | undefined;
  /** Content that may be no text, instead. */
  readonly base64?: string | undefined;
}

export interface SwarmServiceArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** What the service is for, in its labels. */
  readonly role: string;

  /** Names the service: `<prefix>-<service>`. @default the role */
  readonly service?: string;

  /** Image with a digest, as the nodes pull it. */
  readonly image: pulumi.Input<string>;

  /** Words of the command. @default the image's own */
  readonly args?: readonly string[];

  /** Words of the entry point. @default the image's own */
  readonly commands?: readonly string[];

  /** `uid` or `uid:gid` of the processes; files are readable for this uid only. */
  readonly user: string;

  /** Networks by id, and the names of the service there. */
  readonly networks: readonly { readonly id: pulumi.Input<string>; readonly aliases: readonly string[] }[];

  /** Nodes that may run it. */
  readonly constraints: readonly string[];

  /** How many tasks, or one on each node that may. */
  readonly replicas: number | "global";

  /** How many tasks an update replaces at a time. @default 1 */
  readonly parallelism?: number;

  /** Variables of the environment. @default none */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;

  /** Whether the root file system is read-only. @default false */
  readonly readOnly?: boolean;

  /** Volumes and folders of the node. @default none */
  readonly mounts?: readonly docker.types.input.ServiceTaskSpecContainerSpecMount[];

  /** Files that only the service's user reads, in memory. @default none */
  readonly secrets?: readonly SwarmFile[];

  /** Files without secrets. @default none */
  readonly configs?: readonly SwarmFile[];

  /** Ports of the nodes that run a task. @default none */
  readonly ports?: readonly { readonly target: number; readonly published: number }[];

  /** Words of a command that ends with 0 when all is well. @default the image's own */
  readonly healthcheck?: Check;

  /** Capabilities, with `CAP_`. All others are dropped. @default none */
  readonly capabilities?: readonly string[];

  /** Settings of the kernel for the tasks' network. @default none */
  readonly sysctls?: Readonly<Record<string, string>>;

  /** Platform of the image, such as `linux/amd64`. */
  readonly platform: string;

  /** The manager, as configured. */
  readonly docker: DockerAddress;

  /** Login for the image's registry. @default none */
  readonly auth?: docker.types.input.ServiceAuth | undefined;

  /** Whether an update whose tasks fail is taken back. @default false: it is paused */
  readonly rollback?: boolean;

  /** How long a task may take to end, such as `10s`. @default "10s" */
  readonly stopGracePeriod?: string;

  readonly logging: LogRotation;
}

/** A platform such as `linux/amd64` as the engine adds it to a service: it has no name for the kinds of `arm`. */
function platformOf(platform: string): docker.types.input.ServiceTaskSpecPlacementPlatform {
  const [os = "", architecture = ""] = platform.split("/");
  return { os, architecture: architecture === "arm" ? "" : architecture };
}

const dataOf = ({ content, base64 }: SwarmFile): pulumi.Output<string> =>
  base64 === undefined
    ? pulumi.output(content ?? "").apply((value) => Buffer.from(value).toString("base64"))
    : pulumi.output(base64);

/**
 * A service of the Swarm with its secrets and configs. Those have automatic names: a changed one is a new one, the
 * service follows, and the old one goes. Names are answered with the tasks' own addresses (`dnsrr`), and ports are the
 * nodes' own: no virtual addresses, for which a kernel needs IPVS, and behind which nobody sees who calls.
 */
export class SwarmService extends pulumi.ComponentResource {
  /** Known when the service runs, as it is wanted now, wherever it may. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: SwarmServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmService", name, {}, opts);

    const [uid = "0", gid = uid] = args.user.split(":");
    const owned = { fileUid: uid, fileGid: gid, fileMode: 0o400 };
    const slug = (file: string): string => file.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
    const secrets = (args.secrets ?? []).map((one) => {
      const { file } = one;
      const secret = new docker.Secret(
        `${args.prefix}-${args.role}-${slug(file)}`,
        { data: pulumi.secret(dataOf(one)), labels: labels(args.prefix, args.role) },
        { parent: this },
      );
      return { secretId: secret.id, secretName: secret.name, fileName: file, ...owned };
    });
    const configs = (args.configs ?? []).map((one) => {
      const { file } = one;
      const config = new docker.ServiceConfig(
        `${args.prefix}-${args.role}-${slug(file)}`,
        { data: dataOf(one), labels: labels(args.prefix, args.role) },
        { parent: this },
      );
      return { configId: config.id, configName: config.name, fileName: file, ...owned };
    });

    const { driver, options } = logDriver(args.logging);
    const taskSpec = {
      containerSpec: {
        image: args.image,
        ...(args.commands === undefined ? {} : { commands: [...args.commands] }),
        ...(args.args === undefined ? {} : { args: [...args.args] }),
        user: args.user,
        labels: labels(args.prefix, args.role),
        capDrops: ["ALL"],
        ...(args.capabilities === undefined ? {} : { capAdds: [...args.capabilities] }),
        ...(args.env === undefined ? {} : { env: { ...args.env } }),
        ...(args.readOnly === undefined ? {} : { readOnly: args.readOnly }),
        mounts: [...(args.mounts ?? [])],
        secrets,
        configs,
        ...(args.sysctls === undefined ? {} : { sysctl: { ...args.sysctls } }),
        // None given is 0 for the provider: a task would be killed at once.
        stopGracePeriod: args.stopGracePeriod ?? "10s",
        ...(args.healthcheck === undefined
          ? {}
          : {
              // Swarm ends a task that its check calls unhealthy. On a busy machine some checks fail; only who fails them
              // all is really ill. A process that ends is started again without any check.
              healthcheck: {
                tests: patient(args.healthcheck),
                interval: "3s",
                timeout: TIMEOUT,
                // As the provider reads it back: 180s would be a difference at every run.
                startPeriod: "3m",
                retries: 10,
              },
            }),
      },
      // By id: what names a network by its name is replaced after a refresh.
      networksAdvanceds: args.networks.map(({ id, aliases }) => ({
        id,
        aliases: [...aliases].sort(),
        driverOpts: [],
      })),
      // The engine adds the image's, and the provider would take them off at every update.
      placement: { constraints: [...args.constraints].sort(), platforms: [platformOf(args.platform)] },
      restartPolicy: { condition: "any", delay: "1s", window: "0s" },
      logDriver: { name: driver, options },
    };
    const isGlobal = args.replicas === "global";
    const service = new docker.Service(
      `${name}-service`,
      {
        name: physicalName(args.prefix, args.service ?? args.role),
        labels: labels(args.prefix, args.role),
        ...(args.auth === undefined ? {} : { auth: args.auth }),
        taskSpec,
        mode: isGlobal ? { global: true } : { replicated: { replicas: args.replicas } },
        endpointSpec: {
          mode: "dnsrr",
          ports: (args.ports ?? []).map(({ target, published }) => ({
            targetPort: target,
            publishedPort: published,
            publishMode: "host",
            protocol: "tcp",
          })),
        },
        updateConfig: {
          parallelism: args.parallelism ?? 1,
          // A port of a node, and a database of one writer: the old task ends first.
          order: "stop-first",
          // A global one that was paused would stay so when the node is mended: nothing in it has changed then.
          failureAction: isGlobal ? "continue" : args.rollback === true ? "rollback" : "pause",
          delay: "0s",
          monitor: "5s",
          maxFailureRatio: "0.0",
        },
        // The provider refuses to wait for global services.
        ...(isGlobal ? {} : { convergeConfig: { delay: "1s", timeout: "3m" } }),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.ready = isGlobal
      ? new command.local.Command(
          `${name}-ready`,
          {
            create: taskCommand("wait-for-service"),
            environment: { SERVICE: service.id, ...dockerEnvironment(args.docker) },
            triggers: [service.id, pulumi.jsonStringify(taskSpec).apply(shortHash)],
          },
          { parent: this },
        ).id
      : service.id;
    this.registerOutputs({ ready: this.ready });
  }
}
