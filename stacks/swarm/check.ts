import type * as pulumi from "@pulumi/pulumi";

import { SelfCheck } from "../../components/network/self-check";
import type { SwarmHub } from "../../components/swarm/hub";
import type { Cluster } from "./cluster";
import type { ClusterImages } from "./images";
import type { ClusterNetwork } from "./network";
import type { ClusterSpawning } from "./spawning";

interface Made {
  readonly images: ClusterImages;
  readonly network: ClusterNetwork;
  readonly spawning: ClusterSpawning;
  readonly hub: SwarmHub;
}

/** Known when the hub runs, and the images are on the nodes. */
export const readiness = ({ spawning, hub }: Pick<Made, "spawning" | "hub">): pulumi.Output<string>[] => [
  hub.ready,
  ...spawning.prePullers.map(({ service }) => service.ready),
];

/** Looks from a notebook server at what is in its reach, where that is wanted. */
export function selfCheck({ config }: Cluster, made: Made): void {
  if (!(config.network.selfCheck ?? false)) {
    return;
  }
  const { images, network, spawning, hub } = made;
  new SelfCheck(
    "self-check",
    {
      prefix: config.name,
      docker: config.docker,
      triggers: [
        network.networks.notebooks.id,
        images.images.notebook,
        images.images.firewall,
        network.firewall.ready,
        ...readiness(made),
      ],
    },
    { dependsOn: [hub, spawning.filter] },
  );
}
