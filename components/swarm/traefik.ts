/** Traefik's files in a Swarm. Pure. (JSON is YAML.) */
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

/** The static configuration. */
export function staticConfiguration(configuration: Omit<StaticConfiguration, "pollInterval">): string {
  // Tasks of one name have several addresses: one cannot be bound by it. See the allow list below.
  const flags = traefikFlags({
    ...configuration,
    // Redis is looked through at each question.
    pollInterval: "1s",
    metricsRouter: true,
  }).map((flag) => flag.replace(`=${API_ALIAS}:`, "=:"));
  return JSON.stringify(flagsToTree(flags));
}

export const ports = containerPorts;
export const apiUrl = `http://${API_ALIAS}:${containerPorts.api}`;
