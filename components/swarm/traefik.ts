/** Traefik's files in a Swarm. Pure. (JSON is YAML.) */
import type { Setting } from "../proxy/setting";
import {
  API_ALIAS,
  containerPorts,
  DYNAMIC_DIRECTORY,
  type StaticConfiguration,
  staticSettings,
} from "../proxy/static-configuration";

/** Where a task finds them. Those in the folder are dynamic. */
export const files = {
  static: "/etc/traefik/traefik.yml",
  tls: `${DYNAMIC_DIRECTORY}/tls.yml`,
  edge: `${DYNAMIC_DIRECTORY}/edge.yml`,
  api: `${DYNAMIC_DIRECTORY}/api.yml`,
} as const;

type Tree = { [key: string]: Tree | string };

/** Settings as the tree that a configuration file has. */
export function settingsTree(settings: readonly Setting[]): Tree {
  const tree: Tree = {};
  for (const [path, value] of settings) {
    const parts = path.split(".");
    let place = tree;
    for (const part of parts.slice(0, -1)) {
      // `api` beside `api.dashboard`: the first only says that there is one.
      if (typeof place[part] !== "object") {
        place[part] = {};
      }
      place = place[part];
    }
    const last = parts.at(-1) ?? "";
    if (typeof place[last] !== "object") {
      place[last] = value;
    }
  }
  return tree;
}

/** The static configuration. */
export function staticConfiguration(
  configuration: Omit<StaticConfiguration, "pollInterval" | "apiHost" | "metricsRouter">,
): string {
  const settings = staticSettings({
    ...configuration,
    // Redis is looked through at each question.
    pollInterval: "1s",
    metricsRouter: true,
    // Tasks of one name have several addresses: one cannot be bound by it. See the allow list of the API.
    apiHost: "",
  });
  return JSON.stringify(settingsTree(settings));
}

export const ports = containerPorts;
export const API_URL = `http://${API_ALIAS}:${containerPorts.api}`;
