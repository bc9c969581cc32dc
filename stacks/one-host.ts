import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../components/auth/credentials";
import { DataVolume } from "../components/storage/data-volume";
import { DockerFilter } from "../components/hub/docker-filter";
import { FirewallImage } from "../components/image/firewall-image";
import { HomeTree } from "../components/storage/home-tree";
import { Hub } from "../components/hub/hub";
import { authFiles } from "../components/hub/settings/auth";
import { gpuRequests } from "../components/hub/settings/profiles";
import { HubImage } from "../components/image/hub-image";
import { hubUploads } from "../components/hub/settings/pages";
import { renderSettings } from "../components/hub/settings";
import { physicalName } from "../docker-api/naming";
import { NotebookImages, OldNotebookImages } from "../components/image/notebook-images";
import { NotebookServers } from "../components/spawner/notebook-servers";
import { ReverseProxy } from "../components/proxy/reverse-proxy";
import { RoutesServer } from "../components/proxy/routes-server";
import { SelfCheck } from "../components/network/self-check";
import { TlsSecrets } from "../components/tls/tls-secrets";
import { allLimits, largestLimits, secretsFor, type ConfigOf } from "../config";
import type { Engine } from "../preflight";
import { ownAddresses } from "../preflight/addresses";
import { hubDatabase } from "./database";
import { dnsOutputs, dnsTarget } from "./dns";
import { providerArgs } from "./docker";
import { certificateOutputs, hubUrl, proxyEdge, proxyTls, tlsSource, trustedProxies } from "./edge";
import { hubTokens, routeTargets } from "./hub";
import { loginOutputs, passwordsOf, passwordSecrets } from "./login";
import { notebookReach, type HostVariation } from "./reach";

/** What is on one host, whatever its notebook servers may reach. */
export function oneHost(
  config: ConfigOf<"single-host" | "lockdown">,
  engine: Engine,
  variation: HostVariation,
): Record<string, unknown> {
  const { name: prefix, logging } = config;
  const provider = new docker.Provider("docker", providerArgs(config.docker));
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
      docker: config.docker,
    },
    opts,
  );
  const firewallImage = new FirewallImage("firewall-image", { prefix, platform: engine.platform }, opts);

  // Nothing is touched before there are images: one that does not build leaves the host as it was.
  const withImages = { ...opts, dependsOn: [hubImage, notebookImages, firewallImage] };
  const reach = notebookReach({
    config,
    engine,
    variation,
    images: { hub: hubImage.imageId, firewall: firewallImage.imageId },
    opts,
    withImages,
  });
  const { networks, addresses, behindFirewall } = reach;
  const data = new DataVolume(
    "hub-data",
    { prefix, role: "hub-data", retain: config.storage.retain },
    withImages,
  );
  const routes = new DataVolume("proxy-routes", { prefix, role: "proxy-routes", retain: false }, withImages);
  const proxySettings = new DataVolume(
    "proxy-settings-data",
    { prefix, role: "proxy-settings", retain: false },
    withImages,
  );
  const routesServer = new RoutesServer(
    "routes",
    {
      prefix,
      image: hubImage.imageId,
      network: networks.control.name,
      volume: routes.volume.name,
      targets: routeTargets(config, { networks: [addresses.range], prefix: null }),
      logging,
    },
    withImages,
  );
  const database = hubDatabase({
    config,
    platform: engine.platform,
    network: networks.control.name,
    opts: withImages,
  });

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
      edge: proxyEdge(config, url, addresses.range),
      networks: {
        public: networks.public.name,
        notebooks: networks.notebooks.name,
        address: addresses.proxy,
        control: networks.control.name,
      },
      volume: proxySettings.volume.name,
      apiPassword: credentials.proxyApiPassword,
      logLevel: config.proxy.logLevel,
      accessLog: config.proxy.accessLog,
      metrics: config.edge.metrics,
      logging,
    },
    // Traefik asks for routes when it starts, and the longer it has waited the later again.
    { ...opts, dependsOn: [reach.firewall, routesServer] },
  );
  const { homes } = config.storage;
  const tree =
    homes.kind === "tree"
      ? [
          new HomeTree(
            "home-tree",
            { prefix, image: hubImage.imageId, root: homes.root, logging },
            withImages,
          ),
        ]
      : [];
  const filter = new DockerFilter(
    "docker-filter",
    {
      prefix,
      image: hubImage.imageId,
      network: networks.control.name,
      notebookNetwork: networks.notebooks.name,
      images: notebookImages.all,
      gpus: gpuRequests(config.notebook),
      storage: config.storage,
      limits: largestLimits(allLimits(config)),
      firewall: physicalName(prefix, "firewall"),
      dns: variation.dns,
      ...(engine.localSocket === undefined ? {} : { socket: engine.localSocket }),
      logging,
    },
    { ...opts, dependsOn: tree },
  );
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, ...config.docker, network: networks.notebooks.id },
    // When the stack goes, its servers go before the firewall, and before the images that they are made from.
    behindFirewall,
  );

  const settings = pulumi
    .all([networks.notebooks.name, filter.host, notebookImages.imageId, notebookImages.ofProfiles])
    .apply(([network, dockerHost, image, ofProfiles]) =>
      renderSettings(config, {
        kind: "docker",
        publicUrl: url,
        visitors: { proxies: [addresses.proxy], trusted: trustedProxies(config, addresses.range) },
        dockerHost,
        proxyApiUrl: proxy.apiUrl,
        network,
        image,
        ofProfiles,
        postgres: database.connection,
        lockdown: reach.hub.lockdown,
      }),
    );
  const hub = new Hub(
    "hub",
    {
      prefix,
      image: hubImage.imageId,
      settings,
      secrets: {
        ...secretsFor(config, "hub"),
        ...serviceTokens.secrets,
        ...database.secrets,
        cookie_secret: credentials.cookieSecret,
        crypt_key: credentials.cryptKey,
        proxy_api_password: credentials.proxyApiPassword,
        ...passwordSecrets(credentials),
        ...reach.hub.secrets,
      },
      files: [...authFiles(config.auth), ...hubUploads(config.hubFiles)],
      networks: {
        notebooks: networks.notebooks.name,
        address: addresses.hub,
        control: networks.control.name,
        ...reach.hub.networks,
      },
      volumes: { data: data.volume.name, proxy: routes.volume.name },
      startTimeout: config.hub.startTimeout,
      logging,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    { ...opts, dependsOn: [servers, ...database.dependsOn] },
  );
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, docker: config.docker, keep: notebookImages.all },
    { ...opts, dependsOn: [hub] },
  );
  if (config.network.selfCheck ?? variation.closed) {
    const checked = [
      reach.firewall,
      proxy,
      routesServer,
      filter,
      hub,
      ...(reach.egress ? [reach.egress] : []),
    ];
    new SelfCheck(
      "self-check",
      {
        prefix,
        docker: config.docker,
        triggers: [
          networks.notebooks.id,
          notebookImages.imageId,
          ...checked.map(({ container }) => container.id),
        ],
      },
      opts,
    );
  }

  return {
    url,
    ...loginOutputs(config.auth, url, credentials),
    ...(tls?.caCertificate && { caCertificate: tls.caCertificate }),
    ...certificateOutputs(tls, now),
    ...dnsOutputs(config, dnsTarget(config, engine.localSocket === undefined ? [] : ownAddresses())),
    ...(serviceTokens.output && { serviceTokens: serviceTokens.output }),
    name: prefix,
  };
}
