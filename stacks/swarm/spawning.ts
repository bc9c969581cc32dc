import type * as pulumi from "@pulumi/pulumi";

import { NotebookServers } from "../../components/spawner/notebook-servers";
import { SwarmDockerFilter } from "../../components/swarm/docker-filter";
import { PrePuller } from "../../components/swarm/pre-puller";
import { allLimits, largestLimits } from "../../config";
import type { Cluster } from "./cluster";
import type { ClusterImages } from "./images";
import type { ClusterNetwork } from "./network";

/** A service that brings an image to the nodes. */
interface Pulled {
  readonly image: pulumi.Output<string>;
  readonly service: PrePuller;
}

export interface ClusterSpawning {
  readonly prePullers: readonly Pulled[];
  readonly filter: SwarmDockerFilter;
  /** All notebook servers, which are the hub's to start. */
  readonly servers: NotebookServers;
}

/** What the hub starts servers with: images on the nodes, and the Docker API as it may use it. */
export function clusterSpawning(
  { config, storage, opts }: Cluster,
  { images }: ClusterImages,
  { common, inSwarm, members, networks, firewall, guard }: ClusterNetwork,
): ClusterSpawning {
  const { constraints } = config.swarm.notebooks;
  const prePullers = images.notebooks.map(({ profile, image }) => {
    const name = profile === undefined ? "pre-puller" : `pre-puller-${profile}`;
    return { image, service: new PrePuller(name, { ...common, image, profile, constraints }, inSwarm) };
  });
  const services = prePullers.map(({ service }) => service);
  const filter = new SwarmDockerFilter(
    "docker-filter",
    {
      ...common,
      image: images.hub,
      images: images.notebooks.map(({ image }) => image),
      storage,
      limits: largestLimits(allLimits(config)),
      constraints,
      data: config.swarm.data.kind === "shared-path" ? config.swarm.data.path : undefined,
      prePullers: services.map(({ name }) => name),
      firewall: guard,
    },
    // A node that cannot pull ends it here: filter and hub go on with the images that there are.
    { ...inSwarm, dependsOn: [members, firewall, ...services] },
  );
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix: config.name, ...config.docker, network: networks.notebooks.id },
    // When all goes: servers before the rules that hold them.
    { ...opts, dependsOn: [networks, firewall] },
  );
  return { prePullers, filter, servers };
}
