/**
 * What was changed by hand of people's servers, which are no resources of the stack: the hub makes them, and a notebook is
 * never stopped to correct something. So each correction here is a request that leaves the server running. Pure.
 */
import { contains, parseCidr } from "../../config/values/cidr";
import { type Inspected, nameOf } from "../../docker-api/containers";
import { USER_LABEL } from "../../docker-api/naming";
import { bytes } from "./container";
import { difference } from "./fields";

/** A route of the hub's. */
export interface Route {
  /** `/user/alice/`, perhaps with a host before it. */
  readonly from: string;
  /** `http://10.200.8.3:8888`. */
  readonly to: string;
}

/** A request to the engine. */
export interface Correction {
  readonly path: string;
  readonly body?: object;
  /** Name of a network that has to be there before. */
  readonly network?: string;
  /** Bytes of memory that the server may not use more of, or the request would end programs in it. */
  readonly below?: number;
}

/** A person's server that is not as the hub made it. */
export interface ServerDrift {
  /** `server of alice (container jupyterhub-dev-user-alice)`. */
  readonly object: string;
  /** Id of its container. */
  readonly id: string;
  readonly changes: readonly string[];
  readonly corrections: readonly Correction[];
}

/** Microseconds that a limit of processor time is counted in, as the hub asks for it. */
const PERIOD = 100_000;

const environment = ({ Config }: Inspected): ReadonlyMap<string, string> =>
  new Map(
    Config.Env.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );

const routeOf = (server: Inspected, routes: readonly Route[]): Route | undefined => {
  const prefix = environment(server).get("JUPYTERHUB_SERVICE_PREFIX");
  // The host of a person's subdomain has no slash.
  return routes.find(({ from }) => prefix !== undefined && from.replace(/^[^/]*/, "") === prefix);
};

const hostOf = ({ to }: Route): string => /^https?:\/\/(?<host>[^/:]+)/.exec(to)?.groups?.["host"] ?? "";

/** What is different of one server. Undefined where all is as the hub made it, or where it is on its way out. */
export function serverDrift(
  server: Inspected,
  routes: readonly Route[],
  net: NotebooksNetwork,
): ServerDrift | undefined {
  const paused = server.State.Status === "paused";
  if (!paused && server.State.Status !== "running") {
    return undefined;
  }
  const parts = [
    ...(paused ? [{ changes: ["it is paused"], corrections: [{ path: "unpause" }] }] : []),
    networks(server, routeOf(server, routes), net),
    memory(server),
    processors(server),
  ];
  const changes = parts.flatMap((part) => part.changes);
  const name = nameOf(server);
  const owner = server.Config.Labels[USER_LABEL];
  return changes.length === 0
    ? undefined
    : {
        object: owner === undefined ? `server ${name}` : `server of ${owner} (container ${name})`,
        id: server.Id,
        changes,
        corrections: parts.flatMap((part) => part.corrections),
      };
}

/** What is known of the network that people's servers are on. */
export interface NotebooksNetwork {
  /** By the state: another network may have taken the name. */
  readonly id: string | undefined;
  readonly subnet: string | undefined;
}

interface Part {
  readonly changes: readonly string[];
  readonly corrections: readonly Correction[];
}

const SAME: Part = { changes: [], corrections: [] };

/** On its network alone, with the address that its route leads to. */
function networks(
  { Id, HostConfig, NetworkSettings: { Networks: there } }: Inspected,
  route: Route | undefined,
  { id, subnet }: NotebooksNetwork,
): Part {
  const network = HostConfig.NetworkMode ?? "";
  const cidr = parseCidr(subnet ?? "");
  const host = route === undefined ? "" : hostOf(route);
  // Another host's is no address that the network could give.
  const address = cidr !== undefined && /^[\d.]+$/.test(host) && contains(cidr, host) ? host : undefined;
  const others = Object.keys(there).filter((name) => name !== network);
  const on = there[network];
  const isOther = id !== undefined && on?.NetworkID !== undefined && on.NetworkID !== id;
  const isMoved =
    !isOther && address !== undefined && on?.IPAddress !== undefined && on.IPAddress !== address;
  const leave = (name: string): Correction => ({
    path: `/networks/${encodeURIComponent(name)}/disconnect`,
    body: { Container: Id },
  });
  const join: Correction = {
    path: `/networks/${encodeURIComponent(network)}/connect`,
    body: {
      Container: Id,
      ...(address === undefined ? {} : { EndpointConfig: { IPAMConfig: { IPv4Address: address } } }),
    },
    network,
  };
  return {
    changes: [
      ...difference("networks", [network], Object.keys(there)),
      ...(isOther ? [`network ${network}: it is on another network of that name`] : []),
      ...(isMoved ? difference(`address on ${network}`, [address], [on.IPAddress]) : []),
    ],
    corrections: [
      ...others.map(leave),
      // Who removes the other network takes all off it.
      ...(on === undefined || isOther ? [join] : []),
      ...(isMoved ? [leave(network), join] : []),
    ],
  };
}

/** The hub tells a server its limits in variables, which stay as they were. */
function memory(server: Inspected): Part {
  const { Memory = 0, MemorySwap = 0 } = server.HostConfig;
  const wanted = Number(environment(server).get("MEM_LIMIT") ?? 0);
  const changes = difference("memory", [bytes(wanted)], [bytes(Memory)]);
  if (changes.length === 0 || !Number.isSafeInteger(wanted) || wanted <= 0) {
    return { changes, corrections: [] };
  }
  // As much of swap as before. Without a limit, or where the kernel has none, it stays so.
  const swap = MemorySwap > 0 ? wanted + Math.max(0, MemorySwap - Memory) : MemorySwap;
  return {
    changes,
    corrections: [{ path: "update", body: { Memory: wanted, MemorySwap: swap }, below: wanted }],
  };
}

function processors(server: Inspected): Part {
  const { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 } = server.HostConfig;
  const wanted = Number(environment(server).get("CPU_LIMIT") ?? 0);
  const found = NanoCpus > 0 ? NanoCpus / 1e9 : Math.max(0, CpuQuota) / (CpuPeriod || PERIOD);
  const shown = (count: number) => (count === 0 ? "no limit" : String(Math.round(count * 1000) / 1000));
  const changes = difference("processors", [shown(wanted)], [shown(found)]);
  if (changes.length === 0) {
    return SAME;
  }
  const quota = wanted > 0 ? Math.round(wanted * PERIOD) : -1;
  return { changes, corrections: [{ path: "update", body: { CpuPeriod: PERIOD, CpuQuota: quota } }] };
}

/** Milliseconds after which a server that runs has its route. */
const STARTING = 120_000;

/** What is said of the hub's routes. */
export interface RouteDrift {
  /** What the hub mends at its start: field by field. */
  readonly missing: readonly string[];
  /** What it mends by itself: sentences. */
  readonly stale: readonly string[];
}

/**
 * Compares the hub's routes with the servers that run.
 *
 * @param now in milliseconds; a server that has just begun gets its route soon
 */
export function routeDrift(servers: readonly Inspected[], routes: readonly Route[], now: number): RouteDrift {
  const missing = servers.flatMap((server) => {
    const prefix = environment(server).get("JUPYTERHUB_SERVICE_PREFIX");
    const since = Date.parse(server.State.StartedAt ?? "");
    return server.State.Status === "running" &&
      prefix !== undefined &&
      now - since > STARTING &&
      routeOf(server, routes) === undefined
      ? [`route ${prefix}: it is gone`]
      : [];
  });
  const known = new Set(servers.flatMap((server) => routeOf(server, routes)?.from ?? []));
  const stale = routes
    .filter(({ from }) => /\/user\/[^/]+\//.test(from) && !known.has(from))
    .map(
      ({ from, to }) =>
        `route ${from}: no server runs at ${to}, where it leads. The hub removes it within five minutes.`,
    );
  return { missing, stale };
}

/** The hub's file with routes; none where it is another one. */
export function readRoutes(content: string): Route[] {
  const entry = (value: unknown): Route[] => {
    const { routespec: from, target: to } = (value ?? {}) as { routespec?: unknown; target?: unknown };
    return typeof from === "string" && typeof to === "string" ? [{ from, to }] : [];
  };
  try {
    const { routes } = JSON.parse(content) as { routes?: unknown };
    return Object.values(routes ?? {}).flatMap(entry);
  } catch {
    return [];
  }
}
