/**
 * What was changed by hand of people's servers, which are no resources of the stack: the hub makes them, and a notebook is
 * never stopped to correct something. So each correction here is a request that leaves the server running. Pure.
 */
import { contains, parseCidr } from "../../config/values/cidr";
import { type Inspected, nameOf } from "../../docker-api/containers";
import { parsed } from "../../docker-api/json";
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
  /** Sent where the engine refuses `body`, as an address that something else has meanwhile. */
  readonly otherwise?: object;
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

/** A route as the routes server takes it: anything else leads nowhere, and is not shown to anybody. */
const FROM = /^(?:[\w.-]+)?\/(?:[\w.~@/:!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;
const TO = /^https?:\/\/[\w.-]+:\d+\/?$/;

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
  { net, largest }: Bounds,
): ServerDrift | undefined {
  const paused = server.State.Status === "paused";
  if (!paused && server.State.Status !== "running") {
    return undefined;
  }
  const parts = [
    ...(paused ? [{ changes: ["it is paused"], corrections: [{ path: "unpause" }] }] : []),
    networks(server, routeOf(server, routes), net),
    memory(server, largest.memory),
    processors(server, largest.cpus),
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
  /** Where the engine takes servers' addresses from. */
  readonly range: string | undefined;
  /** Addresses of all servers that are on it. */
  readonly taken: ReadonlySet<string>;
}

/** Within these a server is put right: its variables and its route come from the hub, which may be somebody else's by now. */
export interface Bounds {
  readonly net: NotebooksNetwork;
  /** The most that the configuration gives any server, as the Docker filter has it: bytes and processors. */
  readonly largest: { readonly memory: number; readonly cpus: number };
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
  { id, range, taken }: NotebooksNetwork,
): Part {
  const network = HostConfig.NetworkMode ?? "";
  const cidr = parseCidr(range ?? "");
  const host = route === undefined ? "" : hostOf(route);
  const others = Object.keys(there).filter((name) => name !== network);
  const on = there[network];
  // Not another host's, nor that of the hub or the proxy, nor that of a server which has got it meanwhile.
  const isFree =
    cidr !== undefined &&
    /^[\d.]+$/.test(host) &&
    contains(cidr, host) &&
    (on?.IPAddress === host || !taken.has(host));
  const address = isFree ? host : undefined;
  const isOther = id !== undefined && on?.NetworkID !== undefined && on.NetworkID !== id;
  const isMoved =
    !isOther && address !== undefined && on?.IPAddress !== undefined && on.IPAddress !== address;
  const leave = (name: string): Correction => ({
    path: `/networks/${encodeURIComponent(name)}/disconnect`,
    body: { Container: Id },
  });
  const anywhere = { Container: Id };
  const join: Correction = {
    path: `/networks/${encodeURIComponent(network)}/connect`,
    ...(address === undefined
      ? { body: anywhere }
      : {
          body: { ...anywhere, EndpointConfig: { IPAMConfig: { IPv4Address: address } } },
          otherwise: anywhere,
        }),
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

/**
 * A limit that the hub has told a server in a variable, which stays as it was; undefined for more than any server gets. The
 * Docker filter refuses that to a hub that was taken over, so it gets it by no other way.
 */
function limit(server: Inspected, name: string, largest: number): number | undefined {
  const value = Number(environment(server).get(name));
  return value > 0 && value <= largest ? value : undefined;
}

function memory(server: Inspected, largest: number): Part {
  const { Memory = 0, MemorySwap = 0 } = server.HostConfig;
  const wanted = limit(server, "MEM_LIMIT", largest);
  const changes = wanted === undefined ? [] : difference("memory", [bytes(wanted)], [bytes(Memory)]);
  if (wanted === undefined || changes.length === 0 || !Number.isSafeInteger(wanted)) {
    return SAME;
  }
  // As much of swap as before. Without a limit, or where the kernel has none, it stays so.
  const swap = MemorySwap > 0 ? wanted + Math.max(0, MemorySwap - Memory) : MemorySwap;
  return {
    changes,
    corrections: [{ path: "update", body: { Memory: wanted, MemorySwap: swap }, below: wanted }],
  };
}

function processors(server: Inspected, largest: number): Part {
  const { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 } = server.HostConfig;
  const wanted = limit(server, "CPU_LIMIT", largest);
  const found = NanoCpus > 0 ? NanoCpus / 1e9 : Math.max(0, CpuQuota) / (CpuPeriod || PERIOD);
  const shown = (count: number) => (count === 0 ? "no limit" : String(Math.round(count * 1000) / 1000));
  const changes = wanted === undefined ? [] : difference("processors", [shown(wanted)], [shown(found)]);
  if (wanted === undefined || changes.length === 0) {
    return SAME;
  }
  const quota = Math.round(wanted * PERIOD);
  return { changes, corrections: [{ path: "update", body: { CpuPeriod: PERIOD, CpuQuota: quota } }] };
}

/** Milliseconds after which a server that runs has its route. */
const STARTING = 120_000;

/** Routes that are named one by one. */
const SHOWN = 10;

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
  const left = routes.filter(({ from }) => /\/user\/[^/]+\//.test(from) && !known.has(from));
  const further = left.length - SHOWN;
  const stale = [
    ...left
      .slice(0, SHOWN)
      .map(
        ({ from, to }) =>
          `route ${from}: no server runs at ${to}, where it leads. The hub removes it within five minutes.`,
      ),
    ...(further > 0 ? [`${further} more routes lead where no server runs. The hub removes them too.`] : []),
  ];
  return { missing, stale };
}

/** The hub's file with routes; none where it is another one. */
export function readRoutes(content: Buffer): Route[] {
  const entry = (value: unknown): Route[] => {
    const { routespec: from, target: to } = (value ?? {}) as { routespec?: unknown; target?: unknown };
    return typeof from === "string" && typeof to === "string" && FROM.test(from) && TO.test(to)
      ? [{ from, to }]
      : [];
  };
  const { routes } = (parsed(content.toString()) ?? {}) as { routes?: unknown };
  return Object.values(routes ?? {}).flatMap(entry);
}
