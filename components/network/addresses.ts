/** Addresses of a stack's notebooks' network, and names of its bridges on the Docker host. Pure. */
import { createHash } from "node:crypto";

import { addressAt, type Cidr, formatCidr, parseCidr, size } from "../../config/values/cidr";

/** Networks that are chosen by name come from here: out of the way of Docker's own and of most home networks. */
const POOL: Cidr = { base: 0x0a800000, bits: 9 };

/** Room for 1,022 notebook servers, as many as a Linux bridge has ports. */
const BITS = 21;

/** Who is where. */
export interface AddressPlan {
  readonly subnet: string;
  /** The Docker host's own address on the network, where it has one. */
  readonly gateway: string;
  /** Where Docker takes addresses for notebook servers from. */
  readonly range: string;
  /** The hub's address, and so on: fixed, so that rules can name them. */
  readonly hub: string;
  readonly proxy: string;
  readonly egress: string;
  /** Interfaces of the Docker host; at most 15 characters. */
  readonly bridges: { readonly notebooks: string; readonly egress: string };
  /** Name of the firewall's tables. */
  readonly table: string;
}

/**
 * @param prefix the stack's prefix: two stacks on a host get two networks
 * @param subnet network to take instead
 */
export function addressPlan(prefix: string, subnet?: string): AddressPlan {
  const hash = createHash("sha256").update(prefix).digest();
  const chosen: Cidr = {
    base: POOL.base + (hash.readUInt32BE(0) % 2 ** (BITS - POOL.bits)) * 2 ** (32 - BITS),
    bits: BITS,
  };
  const cidr = subnet === undefined ? chosen : parseCidr(subnet);
  if (cidr === undefined) {
    throw new Error(`${subnet} is not a network`);
  }
  const id = hash.toString("hex").slice(0, 8);
  return {
    subnet: formatCidr(cidr),
    gateway: addressAt(cidr, 1),
    range: formatCidr({ base: cidr.base + size(cidr) / 2, bits: cidr.bits + 1 }),
    hub: addressAt(cidr, 2),
    proxy: addressAt(cidr, 3),
    egress: addressAt(cidr, 4),
    bridges: { notebooks: `jhn-${id}`, egress: `jhe-${id}` },
    table: `jupyterhub_${id}`,
  };
}
