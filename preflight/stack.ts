/** What is checked of the Docker host of each variant, before anything is planned. */
import { addressPlan } from "../components/network/addresses";
import { allLimits, type HubConfig } from "../config";
import { preflight, wantedPorts, type Engine } from "./index";
import { wantedMemory } from "./memory";
import { giveNotice } from "./notices";
import { preflightSwarm } from "./swarm";

/** @throws pulumi.RunError with all that is wrong, each with its fix. */
export async function preflightStack(config: HubConfig): Promise<Engine> {
  const engine = await check(config);
  await giveNotice(config);
  return engine;
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
