import type { HubConfig, Variant } from "../config";
import type { Engine } from "../preflight";
import { lockdown } from "./lockdown";
import { singleHost } from "./single-host";
import { swarm } from "./swarm";

/** What `pulumi stack output` shows. Passwords are secret: `--show-secrets` prints them. */
export type Outputs = Readonly<Record<string, unknown>>;

/** Makes the resources of a variant and returns the stack's outputs. */
export type Stack = (config: HubConfig, engine: Engine) => Outputs;

/** The stack of each variant. */
export const stacks: { readonly [V in Variant]: Stack } = {
  "single-host": singleHost,
  lockdown,
  swarm,
};
