/** Traefik's files in a Swarm. Pure. (JSON is YAML.) */
import { createHash } from "node:crypto";

import {
  API_ALIAS,
  containerPorts,
  DYNAMIC_DIRECTORY,
  traefikFlags,
  type StaticConfiguration,
} from "../proxy/static-configuration";

/** Where a task finds them. Those in the folder are dynamic. */
export const files = {
  static: "/etc/traefik/traefik.yml",
  tls: `${DYNAMIC_DIRECTORY}/tls.yml`,
  edge: `${DYNAMIC_DIRECTORY}/edge.yml`,
  api: `${DYNAMIC_DIRECTORY}/api.yml`,
} as const;

type Tree = { [key: string]: Tree | string | string[] };

/** Flags such as `--a.b=c` as the tree that a configuration file has. */
export function flagsToTree(flags: readonly string[]): Tree {
  const tree: Tree = {};
  for (const flag of flags) {
    const [, name = "", value = ""] = /^--(.*?)=(.*)$/.exec(flag) ?? [];
    const path = name.split(".");
    let place = tree;
    for (const part of path.slice(0, -1)) {
      // `--api=true` beside `--api.dashboard=false`: the first only says that there is one.
      if (typeof place[part] !== "object") place[part] = {};
      place = place[part] as Tree;
    }
    const last = path.at(-1) ?? "";
    if (typeof place[last] !== "object") place[last] = value;
  }
  return tree;
}

/** The static configuration, with the address of the routes. */
export function staticConfiguration(configuration: StaticConfiguration, routes: string): string {
  // Tasks of one name have several addresses: one cannot be bound by it. See the allow list below.
  const flags = traefikFlags({ ...configuration, metricsRouter: true }).map((flag) =>
    flag.replace(`=${API_ALIAS}:`, "=:"),
  );
  return JSON.stringify(
    flagsToTree([
      ...flags,
      `--providers.http.endpoint=${routes}`,
      // Asked again and again, which outlives what a watched store does not: see the server of routes.
      "--providers.http.pollInterval=1s",
      "--providers.http.pollTimeout=4s",
    ]),
  );
}

/**
 * Traefik's API for the hub, and its figures: they have to be there before any route, and notebooks have to be kept out of
 * them.
 */
export function apiConfiguration(api: {
  readonly user: string;
  readonly password: string;
  readonly sources: readonly string[];
  readonly metrics: boolean;
}): string {
  const hash = createHash("sha1").update(api.password).digest("base64");
  return JSON.stringify({
    http: {
      routers: {
        api: {
          rule: `Host(\`${API_ALIAS}\`) && PathPrefix(\`/api\`)`,
          entryPoints: ["api"],
          service: "api@internal",
          middlewares: ["api-sources", "api-login"],
        },
        ...(api.metrics
          ? {
              metrics: {
                rule: "Path(`/metrics`)",
                entryPoints: ["metrics"],
                service: "prometheus@internal",
                middlewares: ["api-sources"],
              },
            }
          : {}),
      },
      middlewares: {
        "api-sources": { ipAllowList: { sourceRange: [...api.sources] } },
        "api-login": { basicAuth: { users: [`${api.user}:{SHA}${hash}`] } },
      },
    },
  });
}

export const ports = containerPorts;
export const apiUrl = `http://${API_ALIAS}:${containerPorts.api}`;
