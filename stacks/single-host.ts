import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../components/credentials";
import { DataVolume } from "../components/data-volume";
import { DockerFilter } from "../components/docker-filter";
import { Hub } from "../components/hub";
import { HubImage } from "../components/hub-image";
import type { HubSettings } from "../components/hub/settings";
import { Networks } from "../components/network";
import { NotebookImage } from "../components/notebook-image";
import { NotebookServers } from "../components/notebook-servers";
import { ReverseProxy } from "../components/reverse-proxy";
import { TlsSecrets, type TlsSource } from "../components/tls-secrets";
import type { HubConfig, TlsConfig } from "../config";
import type { Engine } from "../preflight";
import { hubDatabase } from "./database";
import { providerArgs } from "./docker";
import { publicUrl } from "./urls";

function tlsSource(tls: TlsConfig, domain: string): TlsSource {
  return tls.kind === "self-signed"
    ? { kind: tls.kind, names: [domain], days: tls.days }
    : { kind: tls.kind, certificate: tls.certificatePem, key: tls.keyPem };
}

/** Path under which everything is served. */
const BASE_URL = "/";

/** Hub, Traefik and every notebook on one Docker Engine. */
export function singleHost(config: HubConfig, engine: Engine): Record<string, unknown> {
  const { name: prefix, logging } = config;
  const provider = new docker.Provider("docker", providerArgs(config.docker));
  const opts = { providers: { docker: provider } };
  const url = publicUrl(config.domain, config.ports.https, BASE_URL);

  const credentials = new Credentials("credentials");
  const tls = new TlsSecrets("tls", { source: tlsSource(config.tls, config.domain) });
  const hubImage = new HubImage("hub-image", { prefix, platform: engine.platform }, opts);
  const notebookImage = new NotebookImage(
    "notebook-image",
    { prefix, source: config.notebook.image, platform: engine.platform },
    opts,
  );

  // Nothing is touched before there are images: one that does not build leaves the host as it was.
  const withImages = { ...opts, dependsOn: [hubImage, notebookImage] };
  const networks = new Networks("network", { prefix }, withImages);
  const data = new DataVolume(
    "hub-data",
    { prefix, role: "hub-data", retain: config.storage.retain },
    withImages,
  );
  const routes = new DataVolume("proxy-routes", { prefix, role: "proxy-routes", retain: false }, withImages);
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
      tls,
      networks: {
        public: networks.public.name,
        notebooks: networks.notebooks.name,
        control: networks.control.name,
      },
      volume: routes.volume.name,
      logLevel: config.proxy.logLevel,
      accessLog: config.proxy.accessLog,
      logging,
    },
    opts,
  );
  const filter = new DockerFilter(
    "docker-filter",
    {
      prefix,
      image: hubImage.imageId,
      network: networks.control.name,
      notebookNetwork: networks.notebooks.name,
      images: [notebookImage.imageId],
      ...(engine.localSocket === undefined ? {} : { socket: engine.localSocket }),
      logging,
    },
    opts,
  );
  const servers = new NotebookServers(
    "notebook-servers",
    { prefix, ...config.docker, network: networks.notebooks.id },
    opts,
  );

  const settings: pulumi.Output<HubSettings> = pulumi
    .all([networks.notebooks.name, filter.host, notebookImage.imageId])
    .apply(([network, dockerHost, image]) => ({
      prefix,
      network,
      dockerHost,
      proxyApiUrl: proxy.apiUrl,
      hub: { publicUrl: url, baseUrl: BASE_URL, logLevel: config.hub.logLevel },
      auth: config.auth,
      database: database.settings,
      notebook: {
        image,
        command: config.notebook.command ?? null,
        startPage: config.notebook.startPage,
        environment: config.notebook.environment,
        limits: config.notebook.limits,
        mountPath: config.storage.homes.mountPath,
      },
    }));
  new Hub(
    "hub",
    {
      prefix,
      image: hubImage.imageId,
      settings,
      secrets: {
        ...config.secrets,
        ...database.secrets,
        cookie_secret: credentials.cookieSecret,
        crypt_key: credentials.cryptKey,
        proxy_api_password: credentials.proxyApiPassword,
        user_password: credentials.userPassword,
        admin_password: credentials.adminPassword,
      },
      networks: { notebooks: networks.notebooks.name, control: networks.control.name },
      volumes: { data: data.volume.name, proxy: routes.volume.name },
      logging,
    },
    // Servers are removed after the hub is gone, or it would start new ones meanwhile.
    { ...opts, dependsOn: [servers, ...database.dependsOn] },
  );

  return {
    url,
    users: config.auth.users,
    admins: config.auth.admins,
    userPassword: credentials.userPassword,
    adminPassword: credentials.adminPassword,
    caCertificate: tls.caCertificate,
    name: prefix,
  };
}
