import type { HubTrial } from "../../components/hub/trial";
import { ReverseProxy } from "../../components/proxy/reverse-proxy";
import { RoutesServer } from "../../components/proxy/routes-server";
import { DataVolume } from "../../components/storage/data-volume";
import { hubPages, proxyEdge, proxyTls } from "../edge";
import { routeTargets } from "../hub";
import type { StackSecrets } from "../secrets";
import type { Host } from "./host";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";
import type { HostStorage } from "./storage";

export interface HostProxy {
  readonly proxy: ReverseProxy;
  readonly routesServer: RoutesServer;
}

interface Before {
  readonly secrets: StackSecrets;
  readonly images: HostImages;
  readonly network: HostNetwork;
  readonly storage: HostStorage;
  readonly trial: HubTrial;
}

/** Traefik, and the server that it has its routes from. */
export function hostProxy(host: Host, { secrets, images, network, storage, trial }: Before): HostProxy {
  const { config, engine, url, opts } = host;
  const { name: prefix, logging } = config;
  const { image: imageName, ...ofTraefik } = config.proxy;
  const { networks, addresses } = network;
  const volume = (name: string, role: string, retain: boolean) =>
    new DataVolume(name, { prefix, role, retain }, images.after).volume.name;

  const settings = volume("proxy-settings-data", "proxy-settings", false);
  const routesServer = new RoutesServer(
    "routes",
    {
      prefix,
      image: images.hub,
      network: networks.control.name,
      volume: storage.routes.volume.name,
      targets: routeTargets(config, { networks: [addresses.range], prefix: null }),
      hub: hubPages(config, url),
      logging,
    },
    // It has the hub's image: a bad one stays without harm.
    { ...opts, dependsOn: [trial] },
  );
  const proxy = new ReverseProxy(
    "proxy",
    {
      prefix,
      ...ofTraefik,
      imageName,
      platform: engine.platform,
      ports: config.ports,
      tls: proxyTls(config, secrets.tls, () => ({
        // Authorities issue few certificates a week for a name: those that are there outlive the stack.
        state: volume("acme", "acme", true),
        files: volume("acme-files", "acme-files", false),
      })),
      edge: proxyEdge(config, url, addresses.range),
      networks: {
        public: networks.public.name,
        notebooks: networks.notebooks.name,
        address: addresses.proxy,
        control: networks.control.name,
      },
      volume: settings,
      apiPassword: secrets.credentials.proxyApiPassword,
      logging,
    },
    // Traefik asks for routes when it starts, and the longer it has waited the later again.
    { ...opts, dependsOn: [network.firewall, routesServer] },
  );
  return { proxy, routesServer };
}
