import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../components/credentials";
import { DataVolume } from "../components/data-volume";
import { DockerFilter } from "../components/docker-filter";
import { EgressProxy } from "../components/egress-proxy";
import { EGRESS_ALIAS, EGRESS_PORT, type EgressRule } from "../components/egress/settings";
import { Firewall, FirewallImage } from "../components/firewall";
import type { Reach } from "../components/firewall/settings";
import { Hub } from "../components/hub";
import { authFiles } from "../components/hub/auth";
import { gpuRequests } from "../components/hub/profiles";
import { HubImage } from "../components/hub-image";
import { hubUploads } from "../components/hub/pages";
import type { HubSettings } from "../components/hub/settings";
import { physicalName } from "../components/naming";
import { Networks } from "../components/network";
import { NotebookImages, OldNotebookImages } from "../components/notebook-images";
import { addressPlan } from "../components/network/addresses";
import { NotebookServers } from "../components/notebook-servers";
import { ReverseProxy } from "../components/reverse-proxy";
import { TlsSecrets } from "../components/tls-secrets";
import type { HubConfig } from "../config";
import { SelfCheck } from "../components/self-check";
import type { Engine } from "../preflight";
import { ownAddresses } from "../preflight/addresses";
import { dnsOutputs } from "./dns";
import { certificateOutputs, hubSecrets, hubUrl, proxyEdge, proxyTls, tlsSource } from "./edge";
import { hubSections, hubTokens } from "./hub";
import { loginOutputs, passwordsOf, passwordSecrets } from "./login";

/** What the variants on one host differ in. */
export interface HostVariation {
  /** Whether the notebooks' network has no way out. */
  readonly closed: boolean;
  /** Name servers of notebook servers; none for the Docker host's. */
  readonly dns: readonly string[];
  readonly reach: Omit<Reach, "egressPort">;
  /** What notebook servers reach through a proxy; none for no proxy. */
  readonly egress: readonly EgressRule[];
}

/** Hub, Traefik and every notebook on one Docker Engine. */
export function singleHost(config: HubConfig, engine: Engine): Record<string, unknown> {
  return host(config, engine, {
    closed: false,
    dns: [],
    reach: { internet: true, allow: config.network.allow },
    egress: [],
  });
}

/** What is on one host, whatever its notebooks may reach. */
export function host(config: HubConfig, engine: Engine, variation: HostVariation): Record<string, unknown> {
  const addresses = addressPlan(config.name, config.network.subnet);
  const hasEgress = variation.egress.length > 0;
  const { name: prefix, logging } = config;
  const provider = new docker.Provider(
    "docker",
    config.docker.host === undefined ? {} : { host: config.docker.host },
  );
  const opts = { providers: { docker: provider } };
  const url = hubUrl(config);
  const now = new Date();

  const credentials = new Credentials("credentials", { passwords: passwordsOf(config.auth.kind) });
  const serviceTokens = hubTokens(config);
  const source = tlsSource(config, now);
  const tls = source && new TlsSecrets("tls", { source });
  const hubImage = new HubImage(
    "hub-image",
    { prefix, platform: engine.platform, ...config.hub.image },
    opts,
  );
  const notebookImages = new NotebookImages(
    "notebook-images",
    {
      prefix,
      source: config.notebook.image,
      profiles: config.notebook.profiles,
      overrides: config.notebook.jupyterlab.overrides,
      hubImage: hubImage.imageId,
      platform: engine.platform,
      host: config.docker.host,
    },
    opts,
  );
  const firewallImage = new FirewallImage("firewall-image", { prefix, platform: engine.platform }, opts);

  // Nothing is touched before there are images: one that does not build leaves the host as it was.
  const withImages = { ...opts, dependsOn: [hubImage, notebookImages, firewallImage] };
  const networks = new Networks(
    "network",
    {
      prefix,
      addresses,
      closed: variation.closed,
      isolatedGateway: engine.isolatedGateway,
      egress: hasEgress,
    },
    withImages,
  );
  // Before all that is on the network, and after it when all goes: there is no moment without rules. The network itself
  // does not have to be there yet.
  const firewall = new Firewall(
    "firewall",
    {
      prefix,
      image: firewallImage.imageId,
      addresses,
      reach: { ...variation.reach, ...(hasEgress ? { egressPort: EGRESS_PORT } : {}) },
      logging,
    },
    withImages,
  );
  const behindFirewall = { ...opts, dependsOn: [firewall] };
  const data = new DataVolume(
    "hub-data",
    { prefix, role: "hub-data", retain: config.storage.retain },
    withImages,
  );
  const routes = new DataVolume("proxy-routes", { prefix, role: "proxy-routes", retain: false }, withImages);

  const proxy = new ReverseProxy(
    "proxy",
    {
      prefix,
      imageName: config.proxy.image,
      platform: engine.platform,
      ports: config.ports,
      tls: proxyTls(config, tls, () => ({
        // Authorities issue few certificates a week for a name: those that are there outlive the stack.
        state: new DataVolume("acme", { prefix, role: "acme", retain: true }, withImages).volume.name,
        files: new DataVolume("acme-files", { prefix, role: "acme-files", retain: false }, withImages).volume
          .name,
      })),
      minimumTls: config.edge.minimumTls,
      edge: proxyEdge(config, url),
      networks: {
        public: networks.public.name,
        notebooks: networks.notebooks.name,
        address: addresses.proxy,
        control: networks.control.name,
      },
      volume: routes.volume.name,
      logLevel: config.proxy.logLevel,
      accessLog: config.proxy.accessLog,
      metrics: config.edge.metrics,
      logging,
    },
    behindFirewall,
  );
  const filter = new DockerFilter(
    "docker-filter",
    {
      prefix,
      image: hubImage.imageId,
      network: networks.control.name,
      notebookNetwork: networks.notebooks.name,
      images: notebookImages.all,
      gpus: gpuRequests(config.notebook),
      firewall: physicalName(prefix, "firewall"),
      dns: variation.dns,
      ...(engine.localSocket === undefined ? {} : { socket: engine.localSocket }),
      logging,
    },
    opts,
  );
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, host: config.docker.host, network: networks.notebooks.id },
    behindFirewall,
  );
  const egress =
    networks.egress &&
    new EgressProxy(
      "egress",
      {
        prefix,
        image: hubImage.imageId,
        allow: variation.egress,
        networks: {
          notebooks: networks.notebooks.name,
          address: addresses.egress,
          egress: networks.egress.name,
        },
        logging,
      },
      behindFirewall,
    );

  const settings: pulumi.Output<HubSettings> = pulumi
    .all([networks.notebooks.name, filter.host, notebookImages.imageId, notebookImages.ofProfiles])
    .apply(([network, dockerHost, image, imageOf]) => ({
      prefix,
      network,
      dockerHost,
      proxyApiUrl: proxy.apiUrl,
      ...hubSections(config, url),
      auth: config.auth,
      notebook: {
        image,
        command: config.notebook.command ?? null,
        startPage: config.notebook.startPage,
        environment: config.notebook.environment,
        limits: config.notebook.limits,
        gpus: config.notebook.gpus,
        profiles: config.notebook.profiles.map((profile) => ({
          ...profile,
          image: imageOf[profile.slug] ?? image,
        })),
        mountPath: config.storage.homes.mountPath,
      },
      ...(variation.closed
        ? {
            lockdown: {
              dns: variation.dns,
              ...(hasEgress ? { egress: { host: EGRESS_ALIAS, port: EGRESS_PORT } } : {}),
            },
          }
        : {}),
    }));
  const hub = new Hub(
    "hub",
    {
      prefix,
      image: hubImage.imageId,
      settings,
      secrets: {
        ...hubSecrets(config),
        ...serviceTokens.secrets,
        cookie_secret: credentials.cookieSecret,
        crypt_key: credentials.cryptKey,
        proxy_api_password: credentials.proxyApiPassword,
        ...passwordSecrets(credentials),
        ...(egress === undefined ? {} : { egress_key: egress.key }),
      },
      files: [...authFiles(config.auth), ...hubUploads(config.hubFiles)],
      networks: {
        notebooks: networks.notebooks.name,
        address: addresses.hub,
        control: networks.control.name,
        // Identity providers are outside, and a closed network leads nowhere.
        ...(variation.closed ? { outside: networks.public.name } : {}),
      },
      volumes: { data: data.volume.name, proxy: routes.volume.name },
      logging,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    { ...opts, dependsOn: [servers] },
  );
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, host: config.docker.host, keep: notebookImages.all },
    { ...opts, dependsOn: [hub] },
  );
  if (config.network.selfCheck ?? variation.closed) {
    new SelfCheck(
      "self-check",
      {
        prefix,
        host: config.docker.host,
        triggers: [
          networks.notebooks.id,
          notebookImages.imageId,
          ...[firewall, proxy, filter, hub, ...(egress === undefined ? [] : [egress])].map(
            ({ container }) => container.id,
          ),
        ],
      },
      opts,
    );
  }

  return {
    url,
    ...loginOutputs(config.auth, url, credentials),
    caCertificate: tls?.caCertificate,
    ...certificateOutputs(tls, now),
    ...dnsOutputs(config, engine.localSocket === undefined ? [] : ownAddresses()),
    serviceTokens: serviceTokens.output,
    name: prefix,
  };
}
