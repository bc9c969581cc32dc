import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../components/auth/credentials";
import { authFiles } from "../components/hub/settings/auth";
import { hubUploads } from "../components/hub/settings/pages";
import { renderSettings } from "../components/hub/settings";
import { OldNotebookImages } from "../components/image/notebook-images";
import { NotebookServers } from "../components/spawner/notebook-servers";
import { SelfCheck } from "../components/network/self-check";
import { SwarmDockerFilter } from "../components/swarm/docker-filter";
import { SwarmFirewall } from "../components/swarm/firewall";
import { SwarmHub } from "../components/swarm/hub";
import { registryAuth, SwarmImages } from "../components/swarm/images";
import { OverlayNetworks } from "../components/swarm/networks";
import { OldNodeImages } from "../components/swarm/old-images";
import { swarmNodes } from "../components/swarm/outputs";
import { PROXY_ALIAS } from "../components/proxy/static-configuration";
import { PrePuller } from "../components/swarm/pre-puller";
import { SwarmProxy, type SwarmProxyTls } from "../components/swarm/proxy";
import { RoutesStore } from "../components/swarm/routes-store";
import { swarmStorage } from "../components/swarm/storage";
import { SwarmMembers } from "../components/swarm/swarm-members";
import { apiUrl } from "../components/swarm/traefik";
import { TlsSecrets } from "../components/tls/tls-secrets";
import { allLimits, largestLimits, secretsFor, type ConfigOf } from "../config";
import { gatewayOf } from "../config/values/cidr";
import type { Engine } from "../preflight";
import { hubDatabase } from "./database";
import { configuredTarget, dnsOutputs } from "./dns";
import { providerArgs } from "./docker";
import { certificateOutputs, hubUrl, proxyEdge, tlsSource, trustedProxies } from "./edge";
import { hubTokens, routeTargets } from "./hub";
import { loginOutputs, passwordsOf, passwordSecrets } from "./login";

/** What the entry nodes speak. */
function entryTls(material: TlsSecrets | undefined): SwarmProxyTls {
  if (material === undefined) return { kind: "off" };
  return { kind: "certificate", certificate: material.certificate, key: material.key };
}

/** Hub, Traefik and notebooks as services of a Docker Swarm. Everything goes through the API of one manager. */
export function swarm(config: ConfigOf<"swarm">, engine: Engine): Record<string, unknown> {
  const { name: prefix, logging, swarm: wanted } = config;
  const { registry: place, homes } = wanted;
  const storage = swarmStorage(prefix, config.storage, homes);
  const now = new Date();
  const source = tlsSource(config, now);
  const provider = new docker.Provider("docker", providerArgs(config.docker));
  const opts = { providers: { docker: provider } };
  const url = hubUrl(config);
  const password = secretsFor(config, "registry")[place.password ?? ""];
  const registry = { address: place.address, user: place.user, password };
  const auth = registryAuth(registry);

  const credentials = new Credentials("credentials", { passwords: passwordsOf(config.auth.kind) });
  const serviceTokens = hubTokens(config);
  const tls = source && new TlsSecrets("tls", { source });
  const images = new SwarmImages(
    "images",
    {
      prefix,
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

  // Nothing is touched before the registry has the images: one that does not answer leaves all as it was.
  const members = new SwarmMembers(
    "swarm",
    { docker: config.docker, advertise: wanted.advertise, nodes: wanted.nodes },
    { dependsOn: [images] },
  );
  const inSwarm = { ...opts, dependsOn: [members] };
  const networkOf = (subnet: string) => ({ subnet, gateway: gatewayOf(subnet) });
  const networks = new OverlayNetworks(
    "network",
    {
      prefix,
      notebooks: networkOf(wanted.network.subnet),
      control: networkOf(wanted.network.control),
      encrypted: wanted.network.encrypted,
    },
    inSwarm,
  );
  const common = {
    prefix,
    platform: engine.platform,
    docker: config.docker,
    auth,
    logging,
    networks: { notebooks: networks.notebooks, control: networks.control },
  };

  const firewall = new SwarmFirewall(
    "firewall",
    {
      ...common,
      image: images.firewall,
      subnets: { notebooks: wanted.network.subnet, control: wanted.network.control },
      allow: config.network.allow,
    },
    inSwarm,
  );
  const guard = { service: firewall.name, gate: firewall.gate };

  const store = new RoutesStore(
    "routes-store",
    {
      ...common,
      image: images.redis,
      server: images.hub,
      targets: routeTargets(config, { networks: [], prefix: `${prefix}-user-` }),
    },
    inSwarm,
  );
  const proxy = new SwarmProxy(
    "proxy",
    {
      ...common,
      image: images.proxy,
      ports: config.ports,
      logLevel: config.proxy.logLevel,
      accessLog: config.proxy.accessLog,
      metrics: config.edge.metrics,
      tls: entryTls(tls),
      minimumTls: config.edge.minimumTls,
      edge: proxyEdge(config, url, wanted.network.subnet),
      api: { password: credentials.proxyApiPassword, sources: [wanted.network.control] },
      replicas: wanted.proxy.replicas,
      constraints: wanted.proxy.constraints,
    },
    { ...inSwarm, dependsOn: [members, store] },
  );
  const prePullers = images.notebooks.map(({ profile, image }) => {
    const name = profile === undefined ? "pre-puller" : `pre-puller-${profile}`;
    const { constraints } = wanted.notebooks;
    return { image, service: new PrePuller(name, { ...common, image, profile, constraints }, inSwarm) };
  });
  const filter = new SwarmDockerFilter(
    "docker-filter",
    {
      ...common,
      image: images.hub,
      images: images.notebooks.map(({ image }) => image),
      storage,
      limits: largestLimits(allLimits(config)),
      constraints: wanted.notebooks.constraints,
      data: wanted.data.kind === "shared-path" ? wanted.data.path : undefined,
      prePullers: prePullers.map(({ service }) => service.name),
      firewall: guard,
    },
    // A node that cannot pull ends it here: filter and hub go on with the images that there are.
    { ...inSwarm, dependsOn: [members, firewall, ...prePullers.map(({ service }) => service)] },
  );
  const database = hubDatabase({
    config,
    platform: engine.platform,
    network: networks.control.name,
    opts: inSwarm,
  });
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, ...config.docker, network: networks.notebooks.id },
    // When all goes: servers before the rules that hold them.
    { ...opts, dependsOn: [networks, firewall] },
  );

  const settings = pulumi
    .all([
      networks.notebooks.name,
      images.notebook,
      images.ofProfiles,
      pulumi.all(prePullers.map(({ image }) => image)),
    ])
    .apply(([network, image, ofProfiles, pulled]) =>
      renderSettings(config, {
        kind: "swarm",
        publicUrl: url,
        visitors: { proxies: [PROXY_ALIAS], trusted: trustedProxies(config, wanted.network.subnet) },
        dockerHost: filter.host,
        proxyApiUrl: apiUrl,
        network,
        image,
        ofProfiles,
        storage,
        prePullers: Object.fromEntries(pulled.map((name, at) => [name, prePullers[at]?.service.name ?? ""])),
        firewall: guard,
        redisUrl: store.url,
      }),
    );
  const hub = new SwarmHub(
    "hub",
    {
      ...common,
      image: images.hub,
      settings,
      secrets: {
        ...secretsFor(config, "hub"),
        cookie_secret: credentials.cookieSecret,
        crypt_key: credentials.cryptKey,
        proxy_api_password: credentials.proxyApiPassword,
        ...passwordSecrets(credentials),
        ...serviceTokens.secrets,
        ...database.secrets,
        redis_password: store.password,
      },
      files: [...authFiles(config.auth), ...hubUploads(config.hubFiles)],
      data: wanted.data,
      manager: engine.name,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    { ...opts, dependsOn: [servers, filter, store, proxy, ...database.dependsOn] },
  );

  // Once the hub offers the new ones.
  new OldNotebookImages(
    "old-notebook-images",
    { prefix, docker: config.docker, keep: images.local },
    { ...opts, dependsOn: [hub] },
  );
  new OldNodeImages(
    "old-node-images",
    {
      prefix,
      nodes: [
        { name: engine.name, docker: config.docker },
        ...wanted.nodes.map(({ name, host }) => ({ name, docker: { ...config.docker, host } })),
      ],
      registry: registry.address,
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

  if (config.network.selfCheck ?? false) {
    const services = [firewall.ready, hub.ready, ...prePullers.map(({ service }) => service.ready)];
    new SelfCheck(
      "self-check",
      {
        prefix,
        docker: config.docker,
        triggers: [networks.notebooks.id, images.notebook, images.firewall, ...services],
      },
      { dependsOn: [hub, filter] },
    );
  }

  const found = swarmNodes({
    docker: config.docker,
    prefix,
    constraints: wanted.proxy.constraints,
    ready: pulumi.all([hub.ready, ...prePullers.map(({ service }) => service.ready)]),
  });
  const dns = found.apply(({ entries }) =>
    dnsOutputs(config, configuredTarget(config) ?? { addresses: entries }),
  );
  return {
    url,
    ...loginOutputs(config.auth, url, credentials),
    ...(tls?.caCertificate && { caCertificate: tls.caCertificate }),
    ...certificateOutputs(tls, now),
    dnsRecords: dns.dnsRecords,
    zoneFile: dns.zoneFile,
    ...(serviceTokens.output && { serviceTokens: serviceTokens.output }),
    name: prefix,
    nodes: found.nodes,
  };
}
