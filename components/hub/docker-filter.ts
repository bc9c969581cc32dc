import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { LimitsConfig, StorageConfig } from "../../config";
import { physicalName, prefixSetting } from "../../docker-api/naming";
import { healthcheck, type LogRotation, service, serviceOptions, uploads } from "../container";
import { answers } from "../health";
import { serverLog } from "../logging";
import { sorted } from "../sorted";
import { allowedFolders, allowedVolumes } from "../storage/volumes";
import type { GpuRequest } from "./settings/profiles";

/** What is the same for every filter. */
export const filter = {
  /** Name on the control network. */
  alias: "docker-filter",
  /** Port on the control network. */
  port: 2375,
  /** Where its container has folders of the Docker host, under their own paths. */
  hostFolders: "/host",
  /** The engine's socket on the Docker host, where the configuration names no other. */
  hostSocket: "/var/run/docker.sock",
  /** The socket in the container. Not in `/var/run`, a link there: Docker 28 puts no file into such a container. */
  socket: "/run/docker.sock",
} as const;

/** Address of the filtered Docker API, for containers on the control network of one host. */
export const FILTER_HOST = `tcp://${filter.alias}:${filter.port}`;

/** What the filter of a host and that of a Swarm are told alike: what a notebook server may be made of. */
export function filterSettings({
  prefix,
  network,
  images,
  gpus,
  storage,
  limits,
  logging,
}: {
  readonly prefix: string;
  /** Name of the notebooks' network. */
  readonly network: string;
  /** Images that servers may have. */
  readonly images: readonly string[];
  /** @default the filter is told nothing of GPUs */
  readonly gpus?: readonly GpuRequest[];
  readonly storage: StorageConfig;
  readonly limits: LimitsConfig;
  readonly logging: LogRotation;
}): Readonly<Record<string, unknown>> {
  return {
    version: 1,
    socket: filter.socket,
    listen: `0.0.0.0:${filter.port}`,
    ...prefixSetting(prefix),
    network,
    images: [...images].sort(),
    ...(gpus === undefined ? {} : { gpus }),
    ...storage.owner,
    volumes: allowedVolumes(prefix, storage),
    ...allowedFolders(storage),
    limits: sorted(limits),
    // As the hub is told, so that it can ask for nothing else.
    ...serverLog(logging),
  };
}

export interface DockerFilterArgs {
  /** Prefix of the stack's names: containers and volumes with other names are out of the hub's reach. */
  readonly prefix: string;

  /** Id of the hub's image, which carries the filter's program. Changing it replaces the container. */
  readonly image: pulumi.Input<string>;

  /** Name of the control network: the only one that the filter is on. */
  readonly network: pulumi.Input<string>;

  /** Name of the network that notebook servers may join. */
  readonly notebookNetwork: pulumi.Input<string>;

  /** Images, by id, that notebook servers may be made from. */
  readonly images: readonly pulumi.Input<string>[];

  /** People's data: what of it is on the Docker host may be mounted in notebook servers, and nothing else. */
  readonly storage: StorageConfig;

  /** The most that a notebook server may have of each. */
  readonly limits: LimitsConfig;

  /**
   * GPUs that servers may ask for.
   *
   * @default none
   */
  readonly gpus?: readonly GpuRequest[];

  /**
   * Path of the engine's socket on the Docker host.
   *
   * @default "/var/run/docker.sock"
   */
  readonly socket?: string;

  /** Name of the container that has to be healthy before a server may start. */
  readonly firewall: string;

  /** Name servers of notebook servers, in place of the Docker host's; none for the host's. */
  readonly dns: readonly string[];

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * Stands between the hub and the Docker API. It lets through the calls that spawn and watch notebook servers of this
 * stack and refuses all else, so that whoever takes over the hub does not get the Docker host with it.
 */
export class DockerFilter extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: DockerFilterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:DockerFilter", name, {}, opts);

    const { homes } = args.storage;
    const { gpus = [], firewall, dns } = args;
    const settings = pulumi
      .all([args.notebookNetwork, pulumi.all([...args.images])])
      .apply(([network, images]) =>
        JSON.stringify({ ...filterSettings({ ...args, network, images, gpus }), firewall, dns }),
      );

    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "docker-filter", logging: args.logging }),
        name: physicalName(args.prefix, "docker-filter"),
        image: args.image,
        command: ["jupyterhub-on-docker", "docker-filter"],
        // Whoever may talk to the engine owns the host: root in here adds nothing, and its group differs by host.
        user: "0:0",
        memory: 256,
        memorySwap: 256,
        networksAdvanced: [{ name: args.network, aliases: [filter.alias] }],
        volumes: [
          { hostPath: args.socket ?? filter.hostSocket, containerPath: filter.socket },
          // To see that no link leads out of it.
          ...(homes.kind === "tree"
            ? [{ hostPath: homes.root, containerPath: `${filter.hostFolders}${homes.root}`, readOnly: true }]
            : []),
        ],
        uploads: uploads([{ path: "/etc/jupyterhub/filter.json", content: settings }]),
        healthcheck: healthcheck(answers(filter.port, "/_ping")),
      },
      serviceOptions(this),
    );
    this.registerOutputs({ host: FILTER_HOST });
  }
}
