import * as pulumi from "@pulumi/pulumi";

import { DockerFilter } from "../../components/hub/docker-filter";
import { Hub } from "../../components/hub/hub";
import { renderSettings } from "../../components/hub/settings";
import { gpuRequests } from "../../components/hub/settings/profiles";
import { OldNotebookImages } from "../../components/image/notebook-images";
import { NotebookServers } from "../../components/spawner/notebook-servers";
import { allLimits, largestLimits } from "../../config";
import { physicalName } from "../../docker-api/naming";
import { trustedProxies } from "../edge";
import { hubFiles, hubSecrets } from "../hub";
import type { StackSecrets } from "../secrets";
import type { Host } from "./host";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";
import type { HostProxy } from "./proxy";
import type { HostStorage } from "./storage";

export interface HostHub {
  readonly hub: Hub;
  readonly filter: DockerFilter;
}

interface Before {
  readonly secrets: StackSecrets;
  readonly images: HostImages;
  readonly network: HostNetwork;
  readonly storage: HostStorage;
  readonly proxy: HostProxy;
}

/** The hub, the Docker API as it may use it, and what ends with it: notebook servers, and images that are offered no more. */
export function hostHub(host: Host, before: Before): HostHub {
  const { config, opts } = host;
  const { name: prefix, logging } = config;
  const { secrets, images, network, storage } = before;
  const { networks, addresses } = network;
  const filter = dockerFilter(host, before);
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, ...config.docker, network: networks.notebooks.id },
    // When the stack goes, its servers go before the firewall, and before the images that they are made from.
    network.behindFirewall,
  );
  const hub = new Hub(
    "hub",
    {
      prefix,
      image: images.hub,
      settings: settings(host, before, filter),
      secrets: hubSecrets(config, secrets, { ...storage.database.secrets, ...network.hub.secrets }),
      files: hubFiles(config),
      networks: {
        notebooks: networks.notebooks.name,
        address: addresses.hub,
        control: networks.control.name,
        ...network.hub.networks,
      },
      volumes: { data: storage.data.volume.name, proxy: storage.routes.volume.name },
      baseUrl: config.hub.baseUrl,
      startTimeout: config.hub.startTimeout,
      logging,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    { ...opts, dependsOn: [servers, ...storage.database.dependsOn] },
  );
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, docker: config.docker, keep: images.notebooks.all },
    // Once the hub offers the new ones.
    { ...opts, dependsOn: [hub] },
  );
  return { hub, filter };
}

function dockerFilter(
  { config, engine, variation, opts }: Host,
  { images, network, storage }: Before,
): DockerFilter {
  const { name: prefix, logging } = config;
  return new DockerFilter(
    "docker-filter",
    {
      prefix,
      image: images.hub,
      network: network.networks.control.name,
      notebookNetwork: network.networks.notebooks.name,
      images: images.notebooks.all,
      gpus: gpuRequests(config.notebook),
      storage: config.storage,
      limits: largestLimits(allLimits(config)),
      firewall: physicalName(prefix, "firewall"),
      dns: variation.dns,
      ...(engine.localSocket === undefined ? {} : { socket: engine.localSocket }),
      logging,
    },
    { ...opts, dependsOn: [...storage.tree] },
  );
}

/** The hub's settings file. */
function settings({ config, url }: Host, before: Before, filter: DockerFilter): pulumi.Output<string> {
  const { images, network, storage, proxy } = before;
  const { networks, addresses } = network;
  return pulumi
    .all([networks.notebooks.name, filter.host, images.notebooks.imageId, images.notebooks.ofProfiles])
    .apply(([notebooks, dockerHost, image, ofProfiles]) =>
      renderSettings(config, {
        kind: "docker",
        publicUrl: url,
        visitors: { proxies: [addresses.proxy], trusted: trustedProxies(config, addresses.range) },
        dockerHost,
        proxyApiUrl: proxy.proxy.apiUrl,
        network: notebooks,
        image,
        ofProfiles,
        postgres: storage.database.connection,
        lockdown: network.hub.lockdown,
      }),
    );
}
