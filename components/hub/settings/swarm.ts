import { renderSettings, type HubSettings } from ".";
import { sorted } from "../../sorted";

/** Where servers may run, as placement constraints. */
export interface SwarmPlacement {
  readonly everybody: readonly string[];
  /** By slug: servers of a profile. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
  /** By name: servers of a group's members. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** What stands between servers and all that is not of the stack. */
export interface NodeFirewall {
  /** Service that holds the rules, on each node. */
  readonly service: string;
  /** Folder of a node that is there while the rules are. */
  readonly gate: string;
}

/** What the hub of a Swarm has beside the settings of every hub. */
export interface SwarmHubSettings {
  readonly placement: SwarmPlacement;
  /** Whether people are bound to the node with their home. */
  readonly pinned: boolean;
  /** Bytes and processors that a node has to have left for a server. */
  readonly reservation: { readonly memory: number; readonly cpus: number };
  /** Services that bring images to the nodes, by image. */
  readonly prePullers: Readonly<Record<string, string>>;
  readonly firewall: NodeFirewall;
  /** Address of the routes' store. */
  readonly redisUrl: string;
}

/** Seconds. */
const ROUTES_CHECKED = 60;

const sortedLists = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  sorted(Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list].sort()])));

/** Renders the settings file of a Swarm's hub: as any hub's, but for how servers are made and where routes go. */
export function renderSwarmSettings(
  settings: HubSettings,
  swarm: SwarmHubSettings,
  labels: Readonly<Record<string, string>>,
): string {
  const { placement } = swarm;
  const common = JSON.parse(renderSettings(settings, labels)) as Record<string, unknown> & {
    proxy: Record<string, unknown>;
    spawner: Record<string, unknown>;
    servers: { lastActivityInterval: number };
  };
  return JSON.stringify({
    ...common,
    // Routes that were lost with the node of their store are there again after as many seconds.
    servers: {
      ...common.servers,
      lastActivityInterval: Math.min(common.servers.lastActivityInterval, ROUTES_CHECKED),
    },
    proxy: {
      kind: "traefik-redis",
      apiUrl: settings.proxyApiUrl,
      apiUser: common.proxy["apiUser"],
      redisUrl: swarm.redisUrl,
      entryPoint: common.proxy["entryPoint"],
    },
    spawner: {
      ...common.spawner,
      kind: "swarm",
      reservation: swarm.reservation,
      placement: {
        everybody: [...placement.everybody].sort(),
        profiles: sortedLists(placement.profiles),
        groups: sortedLists(placement.groups),
      },
      pinned: swarm.pinned,
      prePullers: sorted(swarm.prePullers),
      firewall: swarm.firewall,
    },
  });
}
