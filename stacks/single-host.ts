import type { ConfigOf } from "../config";
import type { Engine } from "../preflight";
import { oneHost } from "./one-host";
import type { StackOutputs } from "./outputs";

/** Hub, Traefik and every notebook on one Docker Engine. */
export function singleHost(config: ConfigOf<"single-host">, engine: Engine): StackOutputs {
  return oneHost(config, engine, {
    closed: false,
    dns: [],
    reach: { internet: true, allow: config.network.allow },
    egress: [],
  });
}
