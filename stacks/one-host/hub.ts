import * as pulumi from "@pulumi/pulumi";

import type { HubContentsArgs } from "../../components/hub/contents";
import { DockerFilter, FILTER_HOST } from "../../components/hub/docker-filter";
import { Hub } from "../../components/hub/hub";
import { HubPeople, PeopleTaken } from "../../components/hub/people";
import { ServerTrial, settingsOfServers } from "../../components/hub/server-trial";
import { renderSettings } from "../../components/hub/settings";
import { splitSettings } from "../../components/hub/settings/people";
import { gpuRequests } from "../../components/hub/settings/profiles";
import { HubTrial } from "../../components/hub/trial";
import { OldNotebookImages } from "../../components/image/notebook-images";
import { PROXY_API_URL } from "../../components/proxy/reverse-proxy";
import { NotebookServers } from "../../components/spawner/notebook-servers";
import { allLimits, largestLimits } from "../../config";
import { physicalName } from "../../docker-api/naming";
import { trustedProxies } from "../edge";
import { hubFiles, hubSecrets } from "../hub";
import type { StackSecrets } from "../secrets";
import type { Host } from "./host";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";
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
}

interface Tried extends Before {
  /** What the hub is made of, and the trial of just that. */
  readonly contents: HubContentsArgs;
  readonly trial: HubTrial;
}

/** What the hub is made of, tried before anything is replaced that the one that runs needs. */
export function hostTrial(host: Host, before: Before): Pick<Tried, "contents" | "trial"> {
  const { config, engine, opts } = host;
  const { name: prefix, logging } = config;
  const { secrets, images, network, storage } = before;
  const split = settings(host, before).apply((text) => splitSettings(text, storage.people !== undefined));
  const contents: HubContentsArgs = {
    prefix,
    image: images.hub,
    settings: split.own,
    ...(storage.people === undefined ? {} : { people: split.people }),
    secrets: hubSecrets(config, secrets, { ...storage.database.secrets, ...network.hub.secrets }),
    files: hubFiles(config),
    networks: {
      notebooks: network.networks.notebooks.name,
      address: network.addresses.hub,
      control: network.networks.control.name,
      ...network.hub.networks,
    },
    volumes: {
      data: storage.data.volume.name,
      proxy: storage.routes.volume.name,
      ...(storage.people === undefined ? {} : { people: storage.people.volume.name }),
    },
    logging,
  };
  const trial = new HubTrial(
    "hub-trial",
    {
      ...contents,
      docker: config.docker,
      startTimeout: config.hub.startTimeout,
      hasHub: engine.hasHub === true,
    },
    { ...opts, dependsOn: [...storage.database.dependsOn] },
  );
  return { contents, trial };
}

/** The hub, the Docker API as it may use it, and what ends with it: notebook servers, and images that are offered no more. */
export function hostHub(host: Host, before: Tried): HostHub {
  const { config, opts } = host;
  const { name: prefix } = config;
  const { images, network, storage, contents, trial } = before;
  const filter = dockerFilter(host, before);
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, ...config.docker, network: network.networks.notebooks.id },
    // When the stack goes, its servers go before the firewall, and before the images that they are made from.
    network.behindFirewall,
  );
  const people = hubPeople(host, before);
  const hub = new Hub(
    "hub",
    {
      ...contents,
      docker: config.docker,
      baseUrl: config.hub.baseUrl,
      startTimeout: config.hub.startTimeout,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    {
      ...opts,
      dependsOn: [servers, trial, ...(people === undefined ? [] : [people]), ...storage.database.dependsOn],
    },
  );
  const ready =
    people === undefined
      ? [hub]
      : [
          hub,
          new PeopleTaken(
            "people-taken",
            { prefix, docker: config.docker, digest: people.digest, timeout: config.hub.startTimeout },
            // What waits for a hub waits for one with these people.
            { ...opts, dependsOn: [hub] },
          ),
        ];
  new ServerTrial(
    "server-trial",
    {
      prefix,
      stack: pulumi.getStack(),
      docker: config.docker,
      startTimeout: (config.servers.startTimeout + config.servers.httpTimeout) * images.notebooks.all.length,
      hasHub: host.engine.hasHub === true,
      needs: [
        settings(host, before).apply(settingsOfServers),
        ...config.hubFiles.filter(({ place }) => place === "extra-config").map(({ base64 }) => base64),
        JSON.stringify([config.network, host.variation]),
        images.hub,
        images.firewall,
        network.networks.notebooks.id,
      ],
    },
    // It needs no route: the proxy may still be starting.
    {
      ...opts,
      dependsOn: [
        ...ready,
        filter,
        network.firewall,
        ...(network.egress === undefined ? [] : [network.egress]),
      ],
    },
  );
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, docker: config.docker, keep: [...images.notebooks.all, ...images.notebooks.bases] },
    // Once the hub offers the new ones.
    { ...opts, dependsOn: ready },
  );
  return { hub, filter };
}

/** The file with people's settings, once a hub with it was tried. */
function hubPeople({ config, opts }: Host, { contents, storage, trial }: Tried): HubPeople | undefined {
  return storage.people === undefined || contents.people === undefined
    ? undefined
    : new HubPeople(
        "hub-people-file",
        {
          prefix: config.name,
          image: contents.image,
          volume: storage.people.volume.name,
          people: contents.people,
          logging: config.logging,
        },
        { ...opts, dependsOn: [trial] },
      );
}

function dockerFilter(
  { config, engine, variation, opts }: Host,
  { images, network, storage, trial }: Tried,
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
    { ...opts, dependsOn: [trial, ...storage.tree] },
  );
}

/** The hub's settings file. */
function settings({ config, url }: Host, { images, network, storage }: Before): pulumi.Output<string> {
  const { networks, addresses } = network;
  return pulumi
    .all([networks.notebooks.name, images.notebooks.imageId, images.notebooks.ofProfiles])
    .apply(([notebooks, image, ofProfiles]) =>
      renderSettings(config, {
        kind: "docker",
        publicUrl: url,
        visitors: { proxies: [addresses.proxy], trusted: trustedProxies(config, addresses.range) },
        dockerHost: FILTER_HOST,
        proxyApiUrl: PROXY_API_URL,
        network: notebooks,
        image,
        ofProfiles,
        postgres: storage.database.connection,
        lockdown: network.hub.lockdown,
      }),
    );
}
