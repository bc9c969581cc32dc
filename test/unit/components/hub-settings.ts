/** A small hub for tests: its configuration, and what a stack made for it. */
import type { DockerWiring, SwarmWiring } from "../../../components/hub/settings";
import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import { configOf, contextWith } from "../config/support";

/** The checked configuration of a small hub. */
export function hubConfig(
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): HubConfig<string> {
  return configOf(
    parseConfig(
      {
        name: "jupyterhub-test",
        domain: "localhost",
        auth: { kind: "shared-password", users: ["bob", "alice"], admins: ["root"] },
        notebook: { environment: { B: "2", A: "1" }, limits: { memory: "1G", cpus: 0.5 } },
        ...more,
      },
      contextWith(files),
    ),
  );
}

const made = {
  publicUrl: "https://localhost:8443/",
  dockerHost: "tcp://docker-filter:2375",
  proxyApiUrl: "http://proxy-api:8099",
  network: "jupyterhub-test-notebooks",
  image: "sha256:notebook",
  ofProfiles: {},
};

/** What the stack of one host made for it. */
export const dockerWiring: DockerWiring = {
  kind: "docker",
  ...made,
  visitors: { proxies: ["10.200.0.3"], trusted: ["192.0.2.0/24", "10.0.0.0/9"] },
};

/** What the stack of a Swarm made for it. */
export const swarmWiring: SwarmWiring = {
  kind: "swarm",
  ...made,
  visitors: { proxies: ["proxy"], trusted: [] },
  storage: hubConfig().storage,
  prePullers: { "registry/notebook@sha256:1": "jupyterhub-test-pre-puller" },
  firewall: { service: "n-firewall", gate: "/dev/shm/n" },
  redisUrl: "redis://redis:6379",
};
