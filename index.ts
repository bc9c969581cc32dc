import { addressPlan } from "./components/network/addresses";
import { allLimits, loadConfig } from "./config";
import { preflight, wantedPorts } from "./preflight";
import { wantedMemory } from "./preflight/memory";
import { stacks, type Outputs } from "./stacks";

/** Configuration, checks of the Docker host, resources: in this order, so that nothing is made when one fails. */
async function deploy(): Promise<Outputs> {
  const config = loadConfig();
  const addresses = addressPlan(config.name, config.network.subnet);
  const engine = await preflight({
    prefix: config.name,
    ...config.docker,
    address: config.ports.address,
    subnet: addresses.subnet,
    bridge: addresses.bridges.notebooks,
    ports: wantedPorts(config),
    memory: wantedMemory(allLimits(config)),
  });
  return stacks[config.variant](config, engine);
}

export = deploy;
