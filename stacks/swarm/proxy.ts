import { SwarmProxy, type SwarmProxyTls } from "../../components/swarm/proxy";
import { RoutesStore } from "../../components/swarm/routes-store";
import { hubPages, proxyEdge } from "../edge";
import { routeTargets } from "../hub";
import type { StackSecrets } from "../secrets";
import type { Cluster } from "./cluster";
import type { ClusterImages } from "./images";
import type { ClusterNetwork } from "./network";

export interface ClusterProxy {
  readonly proxy: SwarmProxy;
  readonly store: RoutesStore;
}

interface Before {
  readonly secrets: StackSecrets;
  readonly images: ClusterImages;
  readonly network: ClusterNetwork;
}

/** Traefik on the entry nodes, and the store that it has its routes from. */
export function clusterProxy(
  cluster: Cluster,
  { secrets, images: { images }, network }: Before,
): ClusterProxy {
  const { config, url } = cluster;
  const { subnet, control } = config.swarm.network;
  const { common, inSwarm, members } = network;
  const store = new RoutesStore(
    "routes-store",
    {
      ...common,
      image: images.redis,
      server: images.hub,
      targets: routeTargets(config, { networks: [], prefix: `${config.name}-user-` }),
      hub: hubPages(config, url),
    },
    inSwarm,
  );
  const proxy = new SwarmProxy(
    "proxy",
    {
      ...common,
      ...config.proxy,
      ...config.swarm.proxy,
      image: images.proxy,
      ports: config.ports,
      tls: entryTls(secrets),
      edge: proxyEdge(config, url, subnet),
      api: { password: secrets.credentials.proxyApiPassword, sources: [control] },
    },
    { ...inSwarm, dependsOn: [members, store] },
  );
  return { proxy, store };
}

/** What the entry nodes speak. */
function entryTls({ tls }: StackSecrets): SwarmProxyTls {
  return tls === undefined
    ? { kind: "off" }
    : { kind: "certificate", certificate: tls.certificate, key: tls.key };
}
