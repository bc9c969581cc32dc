/** What the notebooks' network is like: for the component, and for whoever asks whether it is to be made anew. Pure. */
import { physicalName } from "../../docker-api/naming";
import type { AddressPlan } from "./addresses";

/** Fields of a network of which each replaces it, and stops what is on it. */
export interface NetworkShape {
  readonly name: string;
  readonly driver: "bridge" | "overlay";
  readonly internal: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly subnet: string;
  readonly gateway: string;
  /** Where the engine takes addresses from; all of the subnet without one. */
  readonly ipRange?: string;
}

const GATEWAY_MODE = "com.docker.network.bridge.gateway_mode_ipv4";

/** The option that gives a bridge a name. */
export const bridge = (interfaceName: string): Readonly<Record<string, string>> => ({
  "com.docker.network.bridge.name": interfaceName,
});

/** The option for the largest packet; none for the engine's. */
export const mtuOption = (mtu: number | undefined): Readonly<Record<string, string>> =>
  mtu === undefined ? {} : { "com.docker.network.driver.mtu": String(mtu) };

/** Whether the Docker host itself is kept off a network by its engine. */
export const isIsolated = (options: Readonly<Record<string, string>>): boolean =>
  options[GATEWAY_MODE] === "isolated";

/**
 * The notebooks' network of one Docker host.
 * @param closed whether it has no way out
 * @param isolatedGateway whether the engine keeps the host off a closed one
 * @param mtu largest packet in bytes; the engine's where it is not given
 */
export function bridgeShape(
  prefix: string,
  addresses: AddressPlan,
  closed: boolean,
  isolatedGateway: boolean,
  mtu?: number,
): NetworkShape {
  return {
    name: physicalName(prefix, "notebooks"),
    driver: "bridge",
    internal: closed,
    options: {
      // The firewall's rules name the bridge, and can so be there before it is.
      ...bridge(addresses.bridges.notebooks),
      ...(closed && isolatedGateway ? { [GATEWAY_MODE]: "isolated" } : {}),
      ...mtuOption(mtu),
    },
    subnet: addresses.subnet,
    // Without the gateway a refresh would find one that the program does not know, and replace the network.
    gateway: addresses.gateway,
    ipRange: addresses.range,
  };
}

/**
 * The role of a network of a Swarm, with its options: the engine adds some of its own, which are no change. So a changed one
 * has to be in the name.
 */
export const overlayRole = (role: string, encrypted: boolean, mtu: number | undefined): string =>
  [role, ...(encrypted ? ["encrypted"] : []), ...(mtu === undefined ? [] : [`mtu${mtu}`])].join("-");

/** A network of a Swarm. */
export function overlayShape(
  prefix: string,
  role: "notebooks" | "control",
  { subnet, gateway }: { readonly subnet: string; readonly gateway: string },
  encrypted: boolean,
  mtu?: number,
): NetworkShape {
  return {
    name: physicalName(prefix, overlayRole(role, encrypted, mtu)),
    driver: "overlay",
    internal: role === "control",
    options: { ...(encrypted ? { encrypted: "" } : {}), ...mtuOption(mtu) },
    subnet,
    gateway,
  };
}
