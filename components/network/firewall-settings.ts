import { HUB_PORT } from "../hub/settings/paths";
import type { AddressPlan } from "./addresses";

/** Its health: the program touches the file at each look at the rules, every 5 seconds, while all is well. */
export const FIREWALL_CHECK = {
  command: 'test -n "$(find /run/firewall/healthy -mmin -0.3 2>/dev/null)"',
  every: 2,
};

/** What notebook servers may reach, beside the hub's API. */
export interface Reach {
  /** Whether they reach public addresses directly. */
  readonly internet: boolean;

  /** Private addresses that they may reach nevertheless; no ports are all of them. */
  readonly allow: readonly { readonly to: string; readonly ports: readonly number[] }[];

  /** Port of the egress proxy, where there is one. */
  readonly egressPort?: number;
}

const allowed = (allow: Reach["allow"]) =>
  allow.map(({ to, ports }) => ({
    network: to.includes("/") ? to : `${to}/32`,
    ports: [...ports].sort((a, b) => a - b),
  }));

/** The firewall's settings: `images/firewall/jupyterhub_firewall/settings.py` reads the same shape. */
export function renderFirewall(addresses: AddressPlan, { internet, allow, egressPort }: Reach): string {
  const egress = egressPort !== undefined;
  return JSON.stringify({
    table: addresses.table,
    bridge: addresses.bridges.notebooks,
    subnet: addresses.subnet,
    infrastructure: [addresses.hub, addresses.proxy, ...(egress ? [addresses.egress] : [])],
    services: [
      { address: addresses.hub, port: HUB_PORT },
      ...(egress ? [{ address: addresses.egress, port: egressPort }] : []),
    ],
    internet,
    allowed: allowed(allow),
    publicOnly: egress ? [addresses.bridges.egress] : [],
  });
}

/** Swarm's own ports. Whoever sends to the first one puts packets into the overlay networks of others. */
const SWARM_PORTS = [
  { protocol: "udp", port: 4789 },
  { protocol: "tcp", port: 2377 },
  { protocol: "tcp", port: 7946 },
  { protocol: "udp", port: 7946 },
];

/** The bridge by which containers on overlay networks leave a node: all of them, of whatever stack. */
const GATEWAY_BRIDGE = "docker_gwbridge";

/** What the rules of a Swarm's nodes are made of. */
export interface NodeRules {
  /** Name of the tables. */
  readonly table: string;
  /** Subnets of the overlay networks: who has an address of the first and none of the second is a notebook. */
  readonly subnets: { readonly notebooks: string; readonly control: string };
  readonly allow: Reach["allow"];
  /** Folder that is there while the rules are. */
  readonly gate: string;
}

/** The same for the nodes of a Swarm. The hub is reached by another network, which does not pass the rules. */
export function renderNodeFirewall({ table, subnets, allow, gate }: NodeRules): string {
  return JSON.stringify({
    table,
    bridge: GATEWAY_BRIDGE,
    // Each engine chooses its own.
    subnet: null,
    overlays: { notebooks: subnets.notebooks, others: [subnets.control] },
    infrastructure: [],
    services: [],
    internet: true,
    allowed: allowed(allow),
    publicOnly: [],
    closedPorts: SWARM_PORTS,
    gate,
  });
}
