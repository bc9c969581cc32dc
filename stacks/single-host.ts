import type { ConfigOf } from "../config";
import type { Engine } from "../preflight";
import { oneHost } from "./one-host";

/** Hub, Traefik and every notebook on one Docker Engine. */
export function singleHost(config: ConfigOf<"single-host">, engine: Engine): Record<string, unknown> {
  return oneHost(config, engine, {
    closed: false,
    dns: [],
    reach: { internet: true, allow: config.network.allow },
    egress: [],
  });
}
