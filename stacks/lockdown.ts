import type { ConfigOf } from "../config";
import type { Engine } from "../preflight";
import { oneHost } from "./one-host";
import type { StackOutputs } from "./outputs";

/** One host, with notebook servers that reach the hub and what a list names, and nothing else. */
export function lockdown(config: ConfigOf<"lockdown">, engine: Engine): StackOutputs {
  return oneHost(config, engine, {
    closed: true,
    // Of the server's own: nothing listens there, so that no name is asked outside, by any engine.
    dns: ["127.0.0.1"],
    reach: { internet: false, allow: [] },
    egress: config.egress.allow,
  });
}
