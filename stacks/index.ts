import type { ConfigOf, Variant } from "../config";
import type { Engine } from "../preflight";
import { lockdown } from "./lockdown";
import type { StackOutputs } from "./outputs";
import { singleHost } from "./single-host";
import { swarm } from "./swarm";

/** Makes the resources of a variant and returns the stack's outputs. */
export type Stack<V extends Variant = Variant> = (config: ConfigOf<V>, engine: Engine) => StackOutputs;

const stacks: { readonly [V in Variant]: Stack<V> } = {
  "single-host": singleHost,
  lockdown,
  swarm,
};

/** Makes the stack of the configuration's variant. */
export const makeStack: Stack = (config, engine) => (stacks[config.variant] as Stack)(config, engine);
