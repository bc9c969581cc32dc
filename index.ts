import { loadConfig } from "./config";
import { preflightStack } from "./preflight/stack";
import { makeStack } from "./stacks";
import type { StackOutputs } from "./stacks/outputs";

/** Configuration, checks of the Docker host, resources: in this order, so that nothing is made when one fails. */
async function deploy(): Promise<StackOutputs> {
  const config = loadConfig();
  const engine = await preflightStack(config);
  return makeStack(config, engine);
}

export = deploy;
