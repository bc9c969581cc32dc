/**
 * The notebooks' network that a stack has, compared with the one that it is to have. A network is never changed: it is made
 * anew, and every server that runs on it stops.
 */
import * as pulumi from "@pulumi/pulumi";

import { addressPlan } from "../components/network/addresses";
import { bridgeShape, isIsolated, type NetworkShape, overlayShape } from "../components/network/notebooks";
import type { HubConfig } from "../config";
import { gatewayOf } from "../config/values/cidr";
import { shownName } from "../config/values/names";
import type { Address } from "../docker-api/client";
import { ask } from "../docker-api/get";
import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../docker-api/naming";

/** A network as the engine lists it. */
export interface FoundNetwork {
  readonly Name: string;
  readonly Driver: string;
  readonly Internal: boolean;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly IPAM: {
    readonly Config?:
      | readonly {
          readonly Subnet?: string;
          readonly Gateway?: string;
          readonly IPRange?: string;
        }[]
      | null;
  };
}

/** What is known of the network. */
export interface NetworkNotice {
  /** Whether the network that is there, and stays, keeps the Docker host off; undefined where a new one is made. */
  readonly isolatedGateway: boolean | undefined;
  /** Who is told what, where servers stop. */
  readonly sentences: readonly string[];
}

/** Options that an engine adds by itself. */
const OWN_OPTIONS = /^com\.docker\.network\.(enable_ipv[46]|driver\.overlay\.vxlanid_list)$/;

/** How a configuration wants the notebooks' network; with what the engine may do about the host, on one host. */
export function wantedNetwork(config: HubConfig, isolatedGateway: boolean): NetworkShape {
  const { mtu } = config.network;
  if (config.variant === "swarm") {
    const { subnet, encrypted } = config.swarm.network;
    return overlayShape(config.name, "notebooks", { subnet, gateway: gatewayOf(subnet) }, encrypted, mtu);
  }
  const addresses = addressPlan(config.name, config.network.subnet);
  return bridgeShape(config.name, addresses, config.variant === "lockdown", isolatedGateway, mtu);
}

/** What makes a network another one, each as `what: before → after`. */
export function differences(found: FoundNetwork, wanted: NetworkShape): string[] {
  const { Subnet: subnet = "none", Gateway: gateway = "none", IPRange: range } = found.IPAM.Config?.[0] ?? {};
  const swarm = wanted.driver === "overlay";
  const pairs: readonly (readonly [string, string, string])[] = [
    ["name", found.Name, wanted.name],
    ["driver", found.Driver, wanted.driver],
    ["a route out of the host", found.Internal ? "no" : "yes", wanted.internal ? "no" : "yes"],
    ["addresses", subnet, wanted.subnet],
    // These two follow from the addresses.
    ...(subnet === wanted.subnet
      ? ([
          ["gateway", gateway, wanted.gateway],
          ["range of addresses", range ?? subnet, wanted.ipRange ?? wanted.subnet],
        ] as const)
      : []),
    // Those of an overlay are no change: see OverlayNetworks.
    ...(swarm ? [] : optionPairs(found.Options ?? {}, wanted.options)),
  ];
  return pairs.flatMap(([what, before, after]) =>
    before === after ? [] : [shownName(`${what}: ${before} → ${after}`)],
  );
}

function optionPairs(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): [string, string, string][] {
  const names = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  return [...names]
    .filter((name) => !OWN_OPTIONS.test(name))
    .sort()
    .map((name) => [`option ${name}`, found[name] ?? "none", wanted[name] ?? "none"]);
}

/** Names for a sentence. */
export function listed(names: readonly string[], most = 20): string {
  const shown = names.slice(0, most).map(shownName);
  const rest = names.length - shown.length;
  if (rest > 0) {
    return `${shown.join(", ")} and ${rest} more`;
  }
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}` : shown.join("");
}

/** @param servers names of people whose server runs on the network */
export function replacementNotice(reasons: readonly string[], servers: readonly string[]): string[] {
  if (reasons.length === 0 || servers.length === 0) {
    return [];
  }
  const whose = servers.length === 1 ? "the running server of" : "the running servers of";
  return [
    `The notebooks' network is recreated (${reasons.join("; ")}): ${whose} ${listed(servers)} will stop. Saved files stay; ` +
      "unsaved work is lost. Do this when nobody is working, or leave the network as it is.",
  ];
}

/**
 * Looks at the network that the stack has: two short requests, three in a Swarm.
 * @throws Error where the engine does not answer
 */
export async function lookAtNetwork(config: HubConfig, address: Address): Promise<NetworkNotice> {
  const { found, servers } = await stackOn(address, config.name);
  if (found.length === 0) {
    return { isolatedGateway: undefined, sentences: await renaming(config, address) };
  }
  const compared = found.map((network) => {
    // What an engine learned since is no reason to stop everybody's server: the firewall does the same.
    const kept = isIsolated(network.Options ?? {});
    return { kept, reasons: differences(network, wantedNetwork(config, kept)) };
  });
  // For a moment there may be two: an earlier run was interrupted.
  const same = compared.find(({ reasons }) => reasons.length === 0);
  if (same !== undefined) {
    return { isolatedGateway: same.kept, sentences: [] };
  }
  return { isolatedGateway: undefined, sentences: replacementNotice(compared[0]?.reasons ?? [], servers) };
}

/** With another `name` everything is made anew: the one before is in the stack's outputs. */
async function renaming(config: HubConfig, address: Address): Promise<string[]> {
  const before = await previousName();
  if (before === undefined || before === config.name) {
    return [];
  }
  const { servers } = await stackOn(address, before);
  return replacementNotice([`name: ${before} → ${config.name}`], servers);
}

/** Of the last `up`. Pulumi itself reads the state; a stack that is not there yet has none. */
async function previousName(): Promise<string | undefined> {
  try {
    const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    const result: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
    const { outputs } = result as { readonly outputs?: Readonly<Record<string, unknown>> };
    return typeof outputs?.["name"] === "string" ? outputs["name"] : undefined;
  } catch {
    return undefined;
  }
}

interface Labelled {
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** The notebooks' networks of a stack, and the names of people whose servers run. */
async function stackOn(
  address: Address,
  prefix: string,
): Promise<{ readonly found: readonly FoundNetwork[]; readonly servers: readonly string[] }> {
  const filter = encodeURIComponent(JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`] }));
  const [networks, containers] = await Promise.all([
    list<FoundNetwork>(address, `/networks?filters=${filter}`),
    list<Labelled>(address, `/containers/json?filters=${filter}`),
  ]);
  const found = networks.filter(({ Labels }) => Labels?.[ROLE_LABEL] === "notebooks");
  const isSwarm = found.some(({ Driver }) => Driver === "overlay");
  const services = isSwarm
    ? await list<{ readonly Spec: Labelled }>(address, `/services?filters=${filter}`)
    : [];
  const people = [...containers, ...services.map(({ Spec }) => Spec)]
    .filter(({ Labels }) => Labels?.[ROLE_LABEL] === "user")
    .flatMap(({ Labels }) => Labels?.[USER_LABEL] ?? []);
  return { found, servers: [...new Set(people)].sort() };
}

async function list<T>(address: Address, path: string): Promise<readonly T[]> {
  const { status, body } = await ask(address, path);
  if (status !== 200) {
    throw new Error(`HTTP ${status} from ${path.replace(/\?.*/, "")}`);
  }
  return JSON.parse(body.toString()) as T[];
}
