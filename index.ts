import { loadConfig } from "./config";
import { preflightStack } from "./preflight/stack";
import { makeStack, type Outputs } from "./stacks";

/** Configuration, checks of the Docker host, resources: in this order, so that nothing is made when one fails. */
async function deploy(): Promise<Outputs> {
  const config = loadConfig();
  const engine = await preflightStack(config);
  return makeStack(config, engine);
}

export = deploy;
