import { networkInterfaces } from "node:os";

/** Interfaces that lead to containers and virtual machines, not to people. */
const VIRTUAL = /^(docker|br-|veth|virbr|cni|flannel|lxc|tun|tap|wg)/;

/** Addresses of this machine that other machines may reach it by, sorted. */
export function ownAddresses(interfaces = networkInterfaces()): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address))
    .map(({ address }) => address)
    .sort();
}
