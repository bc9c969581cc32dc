import type { ConfigOf } from "../config";
import type { Engine } from "../preflight";
import { oneHost } from "./one-host";

/** One host, with notebook servers that reach the hub and what a list names, and nothing else. */
export function lockdown(config: ConfigOf<"lockdown">, engine: Engine): Record<string, unknown> {
  return oneHost(config, engine, {
    closed: true,
    // Of the server's own: nothing listens there, so that no name is asked outside, by any engine.
    dns: ["127.0.0.1"],
    reach: { internet: false, allow: [] },
    egress: config.egress.allow,
  });
}
