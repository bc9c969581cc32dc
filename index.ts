import { loadConfig } from "./config";
import { refuseChangedName } from "./preflight/changed-name";
import { correctDrift, hasHub, lookForDrift } from "./preflight/drift";
import { madeBefore } from "./preflight/drift/made";
import { preflightStack } from "./preflight/stack";
import { makeStack } from "./stacks";
import type { StackOutputs } from "./stacks/outputs";

/** Configuration, checks of the Docker host, resources: in this order, so that nothing is made when one fails. */
async function deploy(): Promise<StackOutputs> {
  const config = loadConfig();
  const made = madeBefore();
  const look = lookForDrift(config, made);
  // What is wrong with the engine itself is said by the checks of it.
  look.catch(() => undefined);
  refuseChangedName(config.name, await made);
  const engine = await preflightStack(config);
  const seen = await look;
  const kept = await correctDrift(config, seen);
  return makeStack(config, { ...engine, kept, hasHub: hasHub(seen) });
}

export = deploy;
