/** The list of what is tried from inside a notebook server, and what has to come of it. Pure. */
import { HUB_PORT } from "../../components/hub/settings/paths";
import type { Facts } from "./facts";

/** How `probe.py` tries something. */
export interface Attempt {
  readonly name: string;
  readonly kind: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

export interface Probe extends Attempt {
  /** `closed`: a hole when it is open. `open`: needed, broken when closed. `by design`: open, and said so. */
  readonly expected: "closed" | "open" | "by design";
  /** Where the target is for the control, when that is not where it is for a notebook. */
  readonly controlHost?: string;
}

/** What the listener on the host's network says of itself. */
export interface HostListener {
  readonly port: number;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly { readonly address: string; readonly interface: string }[];
  /** Addresses of the host on whose port 53 somebody listens. */
  readonly names: readonly string[];
  /** Name servers that the host asks. */
  readonly nameServers: readonly string[];
}

/** Port of name servers. */
const NAMES = 53;

/** Ports of the throw-away neighbour: that of a notebook, and any other. */
export const NEIGHBOUR_PORTS = [8888, 12345] as const;

/** Addresses outside that answer everywhere. */
const INTERNET = "1.1.1.1";

/** Ports that the stack's own containers listen on, by role. */
const PEER_PORTS: Readonly<Record<string, readonly number[]>> = {
  proxy: [8443, 8080, 8099],
  "docker-filter": [2375],
  routes: [8096, 8095],
  hub: [HUB_PORT],
  egress: [3128],
  database: [5432],
};

/** What every server needs, in every variant. */
export function hubApi(baseUrl: string): Probe {
  return {
    name: "the hub's API",
    kind: "http",
    host: "hub",
    port: HUB_PORT,
    path: `${baseUrl}hub/api/`,
    expected: "open",
  };
}

/** A connection to a port. */
export function tcp(
  name: string,
  target: string,
  port: number,
  expected: Probe["expected"] = "closed",
): Probe {
  return {
    name: `${name} ${target.includes(":") ? `[${target}]` : target}:${port}`,
    kind: "tcp",
    host: target,
    port,
    expected,
  };
}

/** What is nobody's on the host: cloud metadata, private networks, the internet. */
export function farProbes(outside: Probe["expected"], outsideName: string): Probe[] {
  return [
    tcp("cloud metadata", "169.254.169.254", 80),
    tcp("cloud metadata", "fd00:ec2::254", 80),
    tcp("a private network", "10.255.255.254", 80),
    tcp("a private network", "172.31.255.254", 80),
    tcp("a private network", "192.168.255.254", 80),

    tcp("the internet", INTERNET, 443, outside),
    { name: "the internet, UDP", kind: "udp", host: INTERNET, port: 53, expected: outside },
    { name: "the internet, ICMP", kind: "icmp", host: INTERNET, expected: outside },
    { name: "names of the internet", kind: "name", host: outsideName, expected: outside },
  ];
}

/** What a server could do without going anywhere. */
export function localProbes(): Probe[] {
  const local = (name: string, kind: string): Probe => ({ name, kind, expected: "closed" });
  return [
    local("becoming root", "become-root"),
    local("setuid programs", "setuid-programs"),
    local("capabilities", "capabilities"),
    local("system calls without a filter", "system-calls"),
    local("mounting", "mount"),
    local("a user namespace", "user-namespace"),
    local("raw sockets", "raw-socket"),
    local("packet sockets", "packet-socket"),
    local("others' processes", "others-processes"),
    local("tracing others' processes", "tracing"),
  ];
}

/** @param outsideName a name that is not of the stack and that name servers know */
export function probes(facts: Facts, host: HostListener, neighbour: string, outsideName: string): Probe[] {
  const outside = facts.internet ? "by design" : "closed";
  const open = [
    `${facts.hub}:${HUB_PORT}`,
    ...(facts.egress === undefined ? [] : [`${facts.egress.address}:${facts.egress.port}`]),
  ];
  // On an isolated network the host has no address.
  const onBridge = host.ipv4.filter((address) => address === facts.gateway);
  const elsewhere = host.ipv4.filter((address) => address !== facts.gateway).slice(0, 12);
  const nearest = onBridge[0] ?? elsewhere[0] ?? facts.gateway;

  return [
    hubApi(facts.baseUrl),
    ...(facts.egress === undefined
      ? []
      : [tcp("the egress proxy", facts.egress.address, facts.egress.port, "open")]),

    ...onBridge.map((address) => tcp("the host on its bridge", address, host.port)),
    ...elsewhere.map((address) => tcp("the host", address, host.port)),
    // Open to notebooks that have the internet where the host asks itself: no name would be found else.
    ...host.names.slice(0, 4).flatMap((address): Probe[] => {
      const expected = host.nameServers.includes(address) ? outside : "closed";
      return [
        tcp("the host's name server", address, NAMES, expected),
        { name: `the host's name server, UDP ${address}`, kind: "udp", host: address, port: NAMES, expected },
      ];
    }),
    { name: "the host, UDP", kind: "udp", host: nearest, port: host.port, expected: "closed" },
    { name: "the host, ICMP", kind: "icmp", host: nearest, expected: "closed" },
    ...facts.published.map((port) => tcp("a published port", nearest, port)),
    ...host.ipv6
      .filter(({ address, interface: name }) => !address.startsWith("fe80:") || name === facts.bridge)
      .slice(0, 4)
      .map(({ address }) =>
        address.startsWith("fe80:")
          ? {
              ...tcp("the host, IPv6", `${address}%eth0`, host.port),
              controlHost: `${address}%${facts.bridge}`,
            }
          : tcp("the host, IPv6", address, host.port),
      ),

    ...NEIGHBOUR_PORTS.map((port) => tcp("a neighbour", neighbour, port)),
    { name: "a neighbour, UDP", kind: "udp", host: neighbour, port: NEIGHBOUR_PORTS[1], expected: "closed" },
    { name: "a neighbour, ICMP", kind: "icmp", host: neighbour, expected: "closed" },

    ...facts.peers.flatMap(({ role, addresses }) =>
      Object.entries(addresses).flatMap(([network, address]) =>
        (PEER_PORTS[role] ?? [])
          .filter((port) => !open.includes(`${address}:${port}`))
          .map((port) => tcp(`${role} on ${network}`, address, port)),
      ),
    ),

    ...farProbes(outside, outsideName),
    ...localProbes(),
  ];
}

/** The server of somebody else, who is at work in it. */
export function neighboursServer({ address, port }: { address: string; port: number }): Probe {
  return {
    name: `somebody else's server ${address}:${port}`,
    kind: "tcp",
    host: address,
    port,
    expected: "closed",
  };
}
