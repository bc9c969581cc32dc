/** What is checked of the Docker host of each variant, before anything is planned. */
import * as pulumi from "@pulumi/pulumi";

import { addressPlan } from "../components/network/addresses";
import { overlayShape } from "../components/network/notebooks";
import { allLimits, type ConfigOf, type HubConfig } from "../config";
import { physicalName } from "../docker-api/naming";
import { dockerAddress, unreachable } from "./docker-host";
import { type Engine, preflight, wantedPorts } from "./index";
import { wantedMemory } from "./memory";
import { lookAtNetwork, type NetworkNotice } from "./notebooks-network";
import { notices } from "./notices";
import type { PlannedNetwork } from "./subnets";
import { preflightSwarm } from "./swarm";

/** @throws pulumi.RunError with all that is wrong, each with its fix. */
export async function preflightStack(config: HubConfig): Promise<Engine> {
  const network = networkThere(config);
  const changes = notices(config);
  // What is wrong with the engine itself is said by the checks of it.
  network.catch(() => undefined);
  changes.catch(() => undefined);
  const engine = await check(config);
  const { isolatedGateway = engine.isolatedGateway, sentences } = await network;
  for (const sentence of [...sentences, ...(await changes)]) {
    await pulumi.log.warn(sentence);
  }
  return { ...engine, isolatedGateway };
}

async function networkThere(config: HubConfig): Promise<NetworkNotice> {
  const address = dockerAddress(config.docker, process.env);
  try {
    return await lookAtNetwork(config, address);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new pulumi.RunError(unreachable(address.host, code, message));
  }
}

async function check(config: HubConfig): Promise<Engine> {
  const stack = pulumi.getStack();
  const common = {
    stack,
    prefix: config.name,
    ...config.docker,
    address: config.ports.address,
    ports: wantedPorts(config, stack),
  };
  if (config.variant !== "swarm") {
    return preflight({
      ...common,
      networks: hostNetworks(config),
      isSwarm: false,
      limitsCpus: allLimits(config).some(({ limits }) => limits.cpus !== undefined),
      memory: wantedMemory(allLimits(config)),
    });
  }
  // Servers run on other machines than the manager: what memory these have is not known here.
  const engine = await preflight({
    ...common,
    networks: overlays(config),
    isSwarm: true,
    limitsCpus: false,
    memory: [],
  });
  await preflightSwarm({ docker: config.docker, stack: common.stack });
  return engine;
}

/** Networks of the variants on one host: the addresses of the notebooks' are chosen here, others by the engine. */
function hostNetworks({
  name,
  variant,
  network,
  egress,
}: ConfigOf<"single-host" | "lockdown">): PlannedNetwork[] {
  const { subnet, bridges } = addressPlan(name, network.subnet);
  const planned = (role: "public" | "control" | "egress", bridge?: string): PlannedNetwork => ({
    key: `network.${role}`,
    subnet: network[role],
    isChosen: network[role] !== undefined,
    name: physicalName(name, role),
    ...(bridge === undefined ? {} : { bridge }),
  });
  return [
    {
      key: "network.subnet",
      subnet,
      isChosen: network.subnet !== undefined,
      name: physicalName(name, "notebooks"),
      bridge: bridges.notebooks,
    },
    planned("public"),
    planned("control"),
    ...(variant === "lockdown" && egress.allow.length > 0 ? [planned("egress", bridges.egress)] : []),
  ];
}

function overlays({ name, network: { mtu }, swarm: { network } }: ConfigOf<"swarm">): PlannedNetwork[] {
  return (["subnet", "control"] as const).map((key) => ({
    key: `swarm.network.${key}`,
    subnet: network[key],
    isChosen: true,
    name: overlayShape(
      name,
      key === "subnet" ? "notebooks" : "control",
      { subnet: network[key], gateway: "" },
      network.encrypted,
      mtu,
    ).name,
    isOverlay: true,
  }));
}
