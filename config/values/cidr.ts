/** Addresses, and IPv4 networks. */
import { isIP, isIPv4 } from "node:net";

/**
 * 4 or 6 for an address, 0 for anything else. One with a zone (`fe80::1%eth0`) is none: it means something on one machine
 * only, and Traefik does not start with it.
 */
export function ipVersion(text: string): number {
  return text.includes("%") ? 0 : isIP(text);
}

export interface Cidr {
  /** First address, as a number. */
  readonly base: number;
  readonly bits: number;
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The address that is `offset` behind the network's first. */
export function addressAt({ base }: Cidr, offset: number): string {
  const value = base + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export function size({ bits }: Cidr): number {
  return 2 ** (32 - bits);
}

export function formatCidr(cidr: Cidr): string {
  return `${addressAt(cidr, 0)}/${cidr.bits}`;
}

/** A network as `10.200.8.0/21`; undefined where the text is none, or where its address is not the first. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", length = ""] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? [];
  if (!isIPv4(address) || Number(length) > 32) {
    return undefined;
  }
  const cidr = { base: toNumber(address), bits: Number(length) };
  return cidr.base % size(cidr) === 0 ? cidr : undefined;
}

/**
 * The first address of a network that the configuration has, which is its gateway.
 *
 * @throws where the text is no network
 */
export function gatewayOf(network: string): string {
  const cidr = parseCidr(network);
  if (cidr === undefined) {
    throw new Error(`expected a network as 172.31.0.0/24, got ${network}`);
  }
  return addressAt(cidr, 1);
}

export function contains(cidr: Cidr, address: string): boolean {
  const value = toNumber(address);
  return value >= cidr.base && value < cidr.base + size(cidr);
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + size(b) && b.base < a.base + size(a);
}

/**
 * An address or network without another network: what is left, as networks. IPv6 and what does not overlap stay as they
 * are written.
 */
export function without(text: string, other: string): string[] {
  const [address = "", length = "32"] = text.split("/");
  const removed = parseCidr(other);
  if (!isIPv4(address) || removed === undefined) {
    return [text];
  }
  const bits = Number(length);
  const whole = { base: Math.floor(toNumber(address) / 2 ** (32 - bits)) * 2 ** (32 - bits), bits };
  if (!overlap(whole, removed)) {
    return [text];
  }
  const halves = ({ base, bits }: Cidr): Cidr[] => [
    { base, bits: bits + 1 },
    { base: base + 2 ** (31 - bits), bits: bits + 1 },
  ];
  const rest = (cidr: Cidr): Cidr[] =>
    !overlap(cidr, removed) ? [cidr] : cidr.bits >= removed.bits ? [] : halves(cidr).flatMap(rest);
  return rest(whole).map(formatCidr);
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].flatMap(
  (text) => parseCidr(text) ?? [],
);

/** Whether nobody on the internet has such addresses (RFC 1918, and RFC 6598 for what providers share). */
export function isPrivate(cidr: Cidr): boolean {
  return PRIVATE.some((range) => range.bits <= cidr.bits && overlap(range, cidr));
}
