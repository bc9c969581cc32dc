import * as pulumi from "@pulumi/pulumi";

import { renderSettings } from "../../components/hub/settings";
import { OldNotebookImages } from "../../components/image/notebook-images";
import { PROXY_ALIAS } from "../../components/proxy/static-configuration";
import { SwarmHub, type SwarmHubArgs } from "../../components/swarm/hub";
import { SwarmHubTrial } from "../../components/swarm/hub-trial";
import { OldNodeImages } from "../../components/swarm/old-images";
import { API_URL } from "../../components/swarm/traefik";
import { hubDatabase } from "../database";
import { trustedProxies } from "../edge";
import { hubFiles, hubSecrets } from "../hub";
import type { StackSecrets } from "../secrets";
import type { Cluster } from "./cluster";
import type { ClusterImages } from "./images";
import type { ClusterNetwork } from "./network";
import type { ClusterProxy } from "./proxy";
import type { ClusterSpawning } from "./spawning";

interface Before {
  readonly secrets: StackSecrets;
  readonly images: ClusterImages;
  readonly network: ClusterNetwork;
  readonly proxy: ClusterProxy;
  readonly spawning: ClusterSpawning;
}

/** The hub with its database, and the end of images that it offers no more. */
export function clusterHub(cluster: Cluster, before: Before): SwarmHub {
  const { config, engine, opts } = cluster;
  const { secrets, images, network, proxy, spawning } = before;
  const database = hubDatabase({
    config,
    platform: engine.platform,
    network: network.networks.control.name,
    opts: network.inSwarm,
  });
  const contents: SwarmHubArgs = {
    ...network.common,
    image: images.images.hub,
    settings: settings(cluster, before),
    secrets: hubSecrets(config, secrets, { ...database.secrets, redis_password: proxy.store.password }),
    files: hubFiles(config),
    baseUrl: config.hub.baseUrl,
    data: config.swarm.data,
    manager: engine.name,
  };
  const trial = new SwarmHubTrial(
    "hub-trial",
    { ...contents, startTimeout: config.hub.startTimeout, hasHub: engine.hasHub === true },
    { ...opts, dependsOn: [...database.dependsOn] },
  );
  const hub = new SwarmHub(
    "hub",
    contents,
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    {
      ...opts,
      dependsOn: [spawning.servers, spawning.filter, proxy.store, proxy.proxy, trial, ...database.dependsOn],
    },
  );
  removeOldImages(cluster, images, hub);
  return hub;
}

/** The hub's settings file. */
function settings(
  { config, storage, url }: Cluster,
  { images: { images }, network, proxy, spawning }: Before,
): pulumi.Output<string> {
  const { prePullers, filter } = spawning;
  return pulumi
    .all([
      network.networks.notebooks.name,
      images.notebook,
      images.ofProfiles,
      pulumi.all(prePullers.map(({ image }) => image)),
    ])
    .apply(([notebooks, image, ofProfiles, pulled]) =>
      renderSettings(config, {
        kind: "swarm",
        publicUrl: url,
        visitors: { proxies: [PROXY_ALIAS], trusted: trustedProxies(config, config.swarm.network.subnet) },
        dockerHost: filter.host,
        proxyApiUrl: API_URL,
        network: notebooks,
        image,
        ofProfiles,
        storage,
        prePullers: Object.fromEntries(pulled.map((name, at) => [name, prePullers[at]?.service.name ?? ""])),
        firewall: network.guard,
        redisUrl: proxy.store.url,
      }),
    );
}

/** Once the hub offers the new ones. */
function removeOldImages({ config, engine, opts }: Cluster, { images }: ClusterImages, hub: SwarmHub): void {
  const { name: prefix, docker } = config;
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, docker, keep: images.local },
    { ...opts, dependsOn: [hub] },
  );
  new OldNodeImages(
    "old-node-images",
    {
      prefix,
      nodes: [
        { name: engine.name, docker },
        ...config.swarm.nodes.map(({ name, host }) => ({ name, docker: { ...docker, host } })),
      ],
      registry: config.swarm.registry.address,
      keep: [
        images.hub,
        images.proxy,
        images.redis,
        images.firewall,
        ...images.notebooks.map(({ image }) => image),
      ],
    },
    { dependsOn: [hub] },
  );
}
