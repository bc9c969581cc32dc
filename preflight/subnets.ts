/** Addresses of the stack's networks, held against all that the Docker host has otherwise. */
import { hostname, networkInterfaces } from "node:os";

import { keyName, setKeyCommand } from "../config/keys";
import { type Cidr, contains, formatCidr, overlap, parseCidr, size } from "../config/values/cidr";
import { STACK_LABEL } from "../docker-api/naming";
import type { Engine, UsedSubnet } from "./docker-host";
import type { AddressPool } from "./engine-state";
import { describeRoute, hostRoutes, type Route } from "./routes";

/** A network that the stack makes. */
export interface PlannedNetwork {
  /** The key that moves it. */
  readonly key: string;
  /** Its addresses; undefined where the engine chooses them as it makes the network. */
  readonly subnet: string | undefined;
  /** Whether the configuration says so: addresses that also a host's route leads to are somebody's choice then. */
  readonly isChosen: boolean;
  /** Name of the network on the engine. */
  readonly name: string;
  /** Its interface on the Docker host, where that is known. */
  readonly bridge?: string;
  /** Whether the host's own ways to such addresses are none of its servers': an overlay is on no host. */
  readonly isOverlay?: boolean;
}

/** What the Docker host has. */
export interface HostNetworks {
  readonly used: readonly UsedSubnet[];
  readonly interfaces: readonly UsedSubnet[];
  readonly routes: readonly Route[];
  /** Address of the host itself, where it is known by one. */
  readonly address?: string | undefined;
}

/** Networks and routes of this machine, where the engine is on it; else what is known of the engine's machine. */
export function hostNetworks(
  { localSocket, name }: Engine,
  host: string,
  used: readonly UsedSubnet[],
  bridges: readonly string[],
): HostNetworks {
  // A socket may lead into a virtual machine, or to another one.
  const isHere = localSocket !== undefined && name === hostname();
  if (isHere) {
    return { used, interfaces: interfaceSubnets(bridges), routes: hostRoutes() };
  }
  const [, address] = /^(?:tcp|ssh):\/\/(?:[^@/]*@)?([0-9.]+)(?::|\/|$)/.exec(host) ?? [];
  return { used, interfaces: [], routes: [], address };
}

/** Networks that this machine's interfaces are on, but for some interfaces and Docker's own, which Docker tells. */
export function interfaceSubnets(except: readonly string[]): UsedSubnet[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    except.includes(name) || name.startsWith("br-") || name.startsWith("docker")
      ? []
      : (addresses ?? []).flatMap(({ family, cidr }) =>
          family === "IPv4" && cidr !== null
            ? [{ subnet: networkOf(cidr), owner: `the interface ${name} of this machine`, labels: {} }]
            : [],
        ),
  );
}

/** `10.0.0.0/8` for `10.1.2.3/8`. */
function networkOf(address: string): string {
  const bits = Number(address.split("/")[1]);
  const host = parseCidr(`${address.split("/")[0] ?? ""}/32`);
  if (host === undefined) {
    return address;
  }
  const length = 2 ** (32 - bits);
  return formatCidr({ base: Math.floor(host.base / length) * length, bits });
}

/** What is wrong with the addresses of the stack's networks, and what is to be known of them. */
export function networkProblems(
  prefix: string,
  planned: readonly PlannedNetwork[],
  host: HostNetworks,
  stack: string,
): { problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  const own = host.used.filter(({ labels }) => labels[STACK_LABEL] === prefix);
  const others = [
    ...host.used.filter(({ labels }) => labels[STACK_LABEL] !== prefix),
    ...host.interfaces,
    ...planned.flatMap((one) =>
      one.subnet === undefined ? [] : [{ subnet: one.subnet, owner: keyName(one.key), labels: {}, of: one }],
    ),
  ];
  for (const [index, network] of planned.entries()) {
    const existing = own.find(({ name }) => name === network.name)?.subnet;
    const subnet = network.subnet ?? existing;
    const wanted = subnet === undefined ? undefined : parseCidr(subnet);
    if (subnet === undefined || wanted === undefined) {
      continue;
    }
    const rivals = others.filter((one) => !("of" in one) || planned.indexOf(one.of) < index);
    const taken = rivals.find((one) => meets(wanted, one.subnet));
    const found = taken === undefined ? undefined : `${taken.owner} has ${taken.subnet}`;
    // An overlay lies inside of containers: the host has such addresses twice, and only containers miss the other ones.
    const isInterface = taken !== undefined && host.interfaces.includes(taken);
    const name = keyName(network.key);
    const bits = wanted.bits;
    const free = freeSubnet(bits, [...others, ...own], host.routes);
    const fix = setKeyCommand(stack, network.key, free ?? "<network>");
    if (found !== undefined && !(isInterface && network.isOverlay === true) && network.subnet !== undefined) {
      problems.push(
        `${name}: expected addresses that nothing else uses, got ${subnet}, and ${found}. ` +
          `Choose others with: ${fix}`,
      );
      continue;
    }
    if (host.address !== undefined && contains(wanted, host.address) && network.subnet !== undefined) {
      problems.push(
        `${name}: expected addresses that nothing else uses, got ${subnet}, and the Docker host has ` +
          `${host.address}. Choose others with: ${fix}`,
      );
      continue;
    }
    const route = host.routes.find(({ to }) => overlap(wanted, to));
    const way = route === undefined ? found : `this machine has ${describeRoute(route)}`;
    if (way === undefined) {
      continue;
    }
    const isStronger = route !== undefined && route.to.bits >= bits && network.isOverlay !== true;
    const isNew = existing !== subnet;
    if (network.subnet !== undefined && isNew && (isStronger || !network.isChosen)) {
      problems.push(
        `${name}: expected addresses that no route of the Docker host leads to, got ${subnet}` +
          `${network.isChosen ? "" : " (chosen from the stack's name)"}, and ${way}. Choose others with: ${fix}` +
          (isStronger
            ? ""
            : `   (or, if you need nothing there, keep them with: ${setKeyCommand(stack, network.key, subnet)})`),
      );
    } else {
      warnings.push(
        `${name}: the network has ${subnet}, and ${way}. Hosts with such addresses cannot be ` +
          `reached from the stack${isStronger ? ", and the host sends the stack's packets there" : ""}. ` +
          `Move the network with: ${fix}`,
      );
    }
  }
  return { problems, warnings };
}

const meets = (wanted: Cidr, subnet: string): boolean => {
  const cidr = parseCidr(subnet);
  return cidr !== undefined && overlap(wanted, cidr);
};

/** Private networks (RFC 1918), those first that fewest have. */
const PRIVATE = ["10.128.0.0/9", "172.16.0.0/12", "10.0.0.0/9", "192.168.0.0/16"];

/** A private network of a size that nothing here overlaps; undefined where there is none. */
export function freeSubnet(
  bits: number,
  used: readonly { readonly subnet: string }[],
  routes: readonly Route[] = [],
): string | undefined {
  const taken = [...used.flatMap(({ subnet }) => parseCidr(subnet) ?? []), ...routes.map(({ to }) => to)];
  for (const range of PRIVATE) {
    const all = parseCidr(range);
    if (all === undefined || bits < all.bits) {
      continue;
    }
    const step = 2 ** (32 - bits);
    for (let base = all.base; base < all.base + size(all);) {
      const candidate = { base, bits };
      const other = taken.find((one) => overlap(candidate, one));
      if (other === undefined) {
        return formatCidr(candidate);
      }
      // Behind what is in the way.
      base = Math.max(base + step, Math.ceil((other.base + size(other)) / step) * step);
    }
  }
  return undefined;
}

/** What the engine takes addresses from where nobody names any, unless it is told otherwise (`default-address-pools`). */
const DOCKER_POOLS: readonly AddressPool[] = [
  ...[...Array(15).keys()].map((index) => ({ Base: `172.${17 + index}.0.0/16`, Size: 16 })),
  { Base: "192.168.0.0/16", Size: 20 },
];

/** The message for an engine that has no addresses left for the networks that it is to choose some for. */
export function poolProblem(
  prefix: string,
  planned: readonly PlannedNetwork[],
  host: HostNetworks,
  stack: string,
  pools: readonly AddressPool[] = DOCKER_POOLS,
): string | undefined {
  const own = host.used.filter(({ labels }) => labels[STACK_LABEL] === prefix);
  const wanted = planned.filter(
    ({ subnet, name }) => subnet === undefined && !own.some((one) => one.name === name),
  );
  if (wanted.length === 0) {
    return undefined;
  }
  const taken = [
    ...[...host.used, ...host.interfaces].flatMap(({ subnet }) => parseCidr(subnet) ?? []),
    ...host.routes.map(({ to }) => to),
  ];
  let left = 0;
  for (const { Base, Size } of pools) {
    const all = parseCidr(Base);
    if (all === undefined) {
      continue;
    }
    const step = 2 ** (32 - Size);
    for (let base = all.base; base < all.base + size(all) && left < wanted.length; base += step) {
      if (!taken.some((one) => overlap({ base, bits: Size }, one))) {
        left++;
      }
    }
  }
  if (left >= wanted.length) {
    return undefined;
  }
  const [first] = wanted;
  const free = freeSubnet(24, [...host.used, ...host.interfaces], host.routes);
  return (
    `${keyName(first?.key ?? "")}: expected an engine with free addresses for ${wanted.map(({ name }) => name).join(", ")}, ` +
    `got none: its networks and its host's routes use all that it can choose from. Choose some with: ` +
    setKeyCommand(stack, first?.key ?? "", free ?? "<network>")
  );
}
