import type { AddressPlan } from "../network/addresses";

/** Port of the hub's API, for notebook servers. */
export const HUB_PORT = 8081;

/** What notebook servers may reach, beside the hub's API. */
export interface Reach {
  /** Whether they reach public addresses directly. */
  readonly internet: boolean;

  /** Private addresses that they may reach nevertheless; no ports are all of them. */
  readonly allow: readonly { readonly to: string; readonly ports: readonly number[] }[];

  /** Port of the egress proxy, where there is one. */
  readonly egressPort?: number;
}

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
    allowed: allow.map(({ to, ports }) => ({
      network: to.includes("/") ? to : `${to}/32`,
      ports: [...ports].sort((a, b) => a - b),
    })),
    publicOnly: egress ? [addresses.bridges.egress] : [],
  });
}
