/**
 * The one JSON file that the hub reads. `images/hub/jupyterhub_on_docker/config/` describes the same shape with pydantic and
 * refuses anything else: test/fixtures/hub-settings has files that both sides are held to.
 */
import type { ConfigOf, Variant } from "../../../config";
import { renderAccess } from "./access";
import { renderAuth } from "./auth";
import { renderDatabase } from "./database";
import { renderHub } from "./hub";
import { renderLockdown } from "./lockdown";
import { renderPages } from "./pages";
import { paths } from "./paths";
import { renderServers } from "./servers";
import { renderSpawner, renderSwarmSpawner } from "./spawner";
import { renderGroups, renderStorage, renderUsers } from "./storage";
import type { DockerWiring, SwarmWiring, Wiring } from "./wiring";

export type { DockerWiring, SwarmWiring, Wiring } from "./wiring";

/** What of a configuration is the hub's: no secret's value is among it. */
export type SettingsConfig<V extends Variant = Variant> = V extends "swarm"
  ? Pick<ConfigOf<V>, Common | "swarm">
  : Pick<ConfigOf<V>, Common>;

type Common =
  | "variant"
  | "name"
  | "stack"
  | "hub"
  | "hubFiles"
  | "edge"
  | "auth"
  | "database"
  | "servers"
  | "notebook"
  | "storage"
  | "groups"
  | "users"
  | "logging";

/** Routes that were lost with the node of their store are there again after as many seconds. */
const ROUTES_CHECKED = 60;

const traefik = ({ proxyApiUrl }: Wiring) => ({ apiUrl: proxyApiUrl, apiUser: "hub" });

const onOneHost = (config: SettingsConfig<"single-host" | "lockdown">, wiring: DockerWiring) => ({
  proxy: {
    kind: "traefik-file",
    ...traefik(wiring),
    routesFile: paths.routes,
    entryPoint: "websecure",
  },
  servers: renderServers(config.servers),
  spawner: renderSpawner("docker", config, wiring),
  storage: renderStorage(config.name, config.storage),
  lockdown: renderLockdown(wiring.lockdown),
});

const inSwarm = (config: SettingsConfig<"swarm">, wiring: SwarmWiring) => ({
  proxy: {
    kind: "traefik-redis",
    ...traefik(wiring),
    redisUrl: wiring.redisUrl,
    entryPoint: "websecure",
  },
  servers: renderServers(config.servers, ROUTES_CHECKED),
  spawner: renderSwarmSpawner(config, config.swarm, wiring),
  storage: renderStorage(config.name, wiring.storage),
  lockdown: {},
});

/** What the stack of a variant made. */
export type WiringOf<V extends Variant> = V extends "swarm" ? SwarmWiring : DockerWiring;

type Render<V extends Variant = Variant> = (
  config: SettingsConfig<V>,
  wiring: WiringOf<V>,
) => ReturnType<typeof onOneHost> | ReturnType<typeof inSwarm>;

const byVariant: { readonly [V in Variant]: Render<V> } = {
  "single-host": onOneHost,
  lockdown: onOneHost,
  swarm: inSwarm,
};

/** The file as it is before it is text. */
export function hubSettings(config: SettingsConfig, wiring: Wiring) {
  const { hub, hubFiles } = config;
  const of = (byVariant[config.variant] as Render)(config, wiring);
  return {
    version: 1,
    hub: renderHub(config, wiring.publicUrl),
    visitors: {
      proxies: [...wiring.visitors.proxies].sort(),
      trusted: [...wiring.visitors.trusted].sort(),
    },
    proxy: of.proxy,
    docker: { host: wiring.dockerHost },
    database: renderDatabase(config.database, wiring.postgres),
    auth: renderAuth(config.auth),
    pages: renderPages(hub.announcement, hubFiles),
    access: renderAccess(hub),
    servers: of.servers,
    spawner: of.spawner,
    storage: of.storage,
    groups: renderGroups(config.groups),
    users: renderUsers(config.users),
    ...of.lockdown,
  } as const;
}

export type HubSettings = ReturnType<typeof hubSettings>;

/** The text of the hub's settings file, from the configuration and what the stack made. Pure. */
export function renderSettings<V extends Variant>(config: SettingsConfig<V>, wiring: WiringOf<V>): string;
export function renderSettings(config: SettingsConfig, wiring: Wiring): string {
  return JSON.stringify(hubSettings(config, wiring));
}
