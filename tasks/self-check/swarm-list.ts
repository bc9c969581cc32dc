/** The list of what is tried from inside a notebook server on a node of a Swarm. Pure. */
import { farProbes, type HostListener, hubApi, localProbes, NEIGHBOUR_PORTS, type Probe, tcp } from "./list";
import type { SwarmFacts, SwarmNode } from "./swarm-facts";

/** What is there to be reached, beside the stack. */
export interface SwarmTargets {
  /** By id of a node: what listens on its own network. */
  readonly listeners: ReadonlyMap<string, HostListener>;
  /** A server on the same node: its address on the way out, and the node's own there. */
  readonly neighbour: { readonly address: string; readonly gateway: string };
}

/** Addresses of a host that are tried at most. */
const MOST = 12;

const SWARM_PORTS = { manager: 2377, all: 7946 };

/**
 * Neighbours across the overlay are not tried: it has no wall between them.
 *
 * @param outsideName a name that is not of the stack and that name servers know
 */
export function swarmProbes(
  facts: SwarmFacts,
  node: SwarmNode,
  { listeners, neighbour }: SwarmTargets,
  outsideName: string,
): Probe[] {
  const here = listeners.get(node.id);
  const { address: aside, gateway: nearest } = neighbour;
  const others = facts.all.filter(({ id }) => id !== node.id);
  return [
    hubApi(facts.baseUrl),
    ...(here?.ipv4 ?? []).slice(0, MOST).map((address) => tcp("the node", address, here?.port ?? 0)),
    { name: "the node, UDP", kind: "udp", host: nearest, port: here?.port ?? 0, expected: "closed" },
    { name: "the node, ICMP", kind: "icmp", host: nearest, expected: "closed" },
    ...facts.published.map((port) => tcp("a published port", nearest, port)),
    ...(here?.ipv6 ?? [])
      .filter(({ address }) => !address.startsWith("fe80:"))
      .slice(0, MOST)
      .map(({ address }) => tcp("the node, IPv6", address, here?.port ?? 0)),
    // A server has two cards, and which is the way out is not said.
    ...(here?.ipv6 ?? [])
      .filter(({ address, interface: name }) => address.startsWith("fe80:") && name === "docker_gwbridge")
      .flatMap(({ address, interface: name }) =>
        ["eth0", "eth1"].map((card) => ({
          ...tcp("the node, IPv6", `${address}%${card}`, here?.port ?? 0),
          controlHost: `${address}%${name}`,
        })),
      ),

    ...others.flatMap(({ id, name, address, isManager }) => [
      ...[
        listeners.get(id)?.port ?? [],
        SWARM_PORTS.all,
        isManager ? SWARM_PORTS.manager : [],
        facts.published,
      ]
        .flat()
        .map((port) => tcp(name, address, port)),
    ]),

    ...NEIGHBOUR_PORTS.map((port) => tcp("a neighbour on the node", aside, port)),
    {
      name: "a neighbour on the node, UDP",
      kind: "udp",
      host: aside,
      port: NEIGHBOUR_PORTS[1],
      expected: "closed",
    },
    { name: "a neighbour on the node, ICMP", kind: "icmp", host: aside, expected: "closed" },

    ...farProbes("by design", outsideName),
    ...localProbes().filter(({ kind }) => node.hasNoNewPrivileges || kind !== "setuid-programs"),
  ];
}
