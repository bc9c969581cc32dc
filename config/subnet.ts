/** IPv4 networks as numbers. Pure. */

export interface Subnet {
  readonly first: number;
  readonly size: number;
}

/** A network written as `172.31.0.0/24`, or undefined when it is none, or has bits behind its prefix. */
export function parseSubnet(text: string): Subnet | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (found === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = found.slice(1).map(Number);
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return first % size === 0 ? { first, size } : undefined;
}

export function overlap(one: Subnet, other: Subnet): boolean {
  return one.first < other.first + other.size && other.first < one.first + one.size;
}

/** The first address of a network, which is its gateway. */
export function gateway(subnet: Subnet): string {
  const address = subnet.first + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Addresses that the stack's own services take on the network of notebooks: hub, and Traefik's replicas. */
const OWN = 1;

/**
 * Notebook servers that have an address: without the network's own three (network, gateway, broadcast), one that
 * Swarm takes on each node, and those of hub and proxies.
 */
export function serversThatFit(subnet: Subnet, nodes: number, proxies: number): number {
  return Math.max(0, subnet.size - 3 - nodes - OWN - proxies);
}
