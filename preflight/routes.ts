/** Routes of this machine, where it is the Docker host: to a campus, or by a VPN. */
import { readFileSync } from "node:fs";

import { type Cidr, formatCidr } from "../config/values/cidr";

export interface Route {
  readonly to: Cidr;
  /** By which way, for a message. */
  readonly by: string;
}

/** Networks of Docker, whose addresses the engine itself tells. */
const DOCKERS = /^(docker|br-|veth|jhn-|jhe-)/;

/** Shorter prefixes are ways to the internet, in however many parts. */
const SHORTEST = 8;

/** A route that refuses, for what no longer one leads to. */
const REJECT = 0x0200;

/** Routes in the kernel's main table. @param text of /proc/net/route */
export function mainRoutes(text: string): Route[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [device = "", destination = "", , flags = "", , , , mask = ""] = line.trim().split(/\s+/);
      if (mask === "" || DOCKERS.test(device) || (Number.parseInt(flags, 16) & REJECT) !== 0) {
        return [];
      }
      const bits = value(mask).toString(2).replaceAll("0", "").length;
      return bits < SHORTEST ? [] : [{ to: { base: value(destination), bits }, by: `by ${device}` }];
    });
}

/** As the kernel prints it: a number in this machine's order of bytes, which is the other one everywhere by now. */
function value(hexadecimal: string): number {
  const bytes = hexadecimal.match(/../g) ?? [];
  return bytes.reverse().reduce((sum, byte) => sum * 256 + Number.parseInt(byte, 16), 0);
}

/** Routes in further tables, which VPNs have looked up before the main one. @param text of /proc/net/fib_trie */
export function otherRoutes(text: string): Route[] {
  const routes: Route[] = [];
  let table: string | undefined;
  let address: string | undefined;
  for (const line of text.split("\n")) {
    const heading = /^(\S.*):$/.exec(line)?.[1];
    if (heading !== undefined) {
      table = /^Id (\d+)$/.exec(heading)?.[1];
    }
    address = /^\s*\|-- (\S+)/.exec(line)?.[1] ?? address;
    const [, length = ""] = /^\s*\/(\d+) \S+ UNICAST/.exec(line) ?? [];
    if (table === undefined || address === undefined || length === "" || Number(length) < SHORTEST) {
      continue;
    }
    const base = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    routes.push({ to: { base, bits: Number(length) }, by: `in its table ${table}` });
  }
  return routes;
}

/** Routes of this machine; none where the kernel has another way to tell them. */
export function hostRoutes(): Route[] {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  return [...mainRoutes(read("/proc/net/route")), ...otherRoutes(read("/proc/net/fib_trie"))];
}

export const describeRoute = ({ to, by }: Route): string => `a route to ${formatCidr(to)} ${by}`;
