/** Looks at a stack that was just brought up, as far as this machine knows it. */
import { addressOf } from "./endpoint";
import type { Session } from "./session";
import { readState } from "./stack";
import type * as Verify from "./verify";
import { type Look, notMade } from "./verify/finding";

/** What has to be known of a stack to look at it. */
export type Looked = Pick<Session, "machine" | "backend" | "project" | "stack" | "engine">;

/** @param prefix of the stack's names */
export function lookAt({ machine, backend, project, stack, engine }: Looked, prefix: string): Promise<Look> {
  if (engine === undefined) {
    return Promise.resolve(notMade("anything: there is no engine to ask"));
  }
  // Loaded when it is needed: a preview looks at nothing.
  // Here only: a preview looks at nothing, and `./up` starts without zod.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { knownOf, nodesOf, verify } = require("./verify") as typeof Verify;
  const state = backend && readState(backend, project, stack.name);
  const { variant, edge, swarm } = stack.content.values;
  return verify({
    address: addressOf(engine.endpoint, machine),
    stack: stack.name,
    prefix,
    url: typeof state?.outputs.url === "string" ? state.outputs.url : undefined,
    isSwarm: variant === "swarm",
    restrictsVisitors: (edge as { allow?: unknown } | undefined)?.allow !== undefined,
    nodes: nodesOf(swarm),
    ...knownOf(state),
  });
}
