import type { SwarmCommonArgs } from "../../components/swarm/common";
import { registryAuth, SwarmImages } from "../../components/swarm/images";
import { secretsFor } from "../../config";
import type { Cluster } from "./cluster";

export interface ClusterImages {
  readonly images: SwarmImages;
  /** Login of the nodes for the registry. */
  readonly auth: SwarmCommonArgs["auth"];
}

/** All images, built on the manager and pushed to the registry. */
export function clusterImages({ config, engine, opts }: Cluster): ClusterImages {
  const { address, user, password: secret } = config.swarm.registry;
  const registry = { address, user, password: secretsFor(config, "registry")[secret ?? ""] };
  const images = new SwarmImages(
    "images",
    {
      prefix: config.name,
      registry,
      proxy: config.proxy.image,
      notebooks: {
        source: config.notebook.image,
        profiles: config.notebook.profiles,
        overrides: config.notebook.jupyterlab.overrides,
      },
      hub: config.hub.image,
      platform: engine.platform,
      docker: config.docker,
    },
    opts,
  );
  return { images, auth: registryAuth(registry) };
}
