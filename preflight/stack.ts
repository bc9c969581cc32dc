/** What is checked of the Docker host of each variant, before anything is planned. */
import * as pulumi from "@pulumi/pulumi";

import { addressPlan } from "../components/network/addresses";
import { allLimits, type HubConfig } from "../config";
import { dockerAddress, unreachable } from "./engine";
import { preflight, wantedPorts, type Engine } from "./index";
import { wantedMemory } from "./memory";
import { lookAtNetwork, type NetworkNotice } from "./notebooks-network";
import { giveNotice } from "./notices";
import { preflightSwarm } from "./swarm";

/** @throws pulumi.RunError with all that is wrong, each with its fix. */
export async function preflightStack(config: HubConfig): Promise<Engine> {
  const network = networkThere(config);
  // What is wrong with the engine itself is said by the checks of it.
  network.catch(() => undefined);
  const engine = await check(config);
  const { isolatedGateway = engine.isolatedGateway, sentences } = await network;
  for (const sentence of sentences) await pulumi.log.warn(sentence);
  await giveNotice(config);
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
  const common = {
    prefix: config.name,
    ...config.docker,
    address: config.ports.address,
    ports: wantedPorts(config),
  };
  if (config.variant !== "swarm") {
    const { subnet, bridges } = addressPlan(config.name, config.network.subnet);
    return preflight({
      ...common,
      network: { subnet, bridge: bridges.notebooks },
      memory: wantedMemory(allLimits(config)),
    });
  }
  // Servers run on other machines than the manager: what memory these have is not known here.
  const engine = await preflight({ ...common, network: undefined, memory: [] });
  const { subnet, control } = config.swarm.network;
  await preflightSwarm({
    prefix: config.name,
    docker: config.docker,
    networks: [
      { key: "swarm.network.subnet", subnet },
      { key: "swarm.network.control", subnet: control },
    ],
  });
  return engine;
}
