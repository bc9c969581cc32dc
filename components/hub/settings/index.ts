import type { AuthConfig, GroupConfig, StorageConfig, UserConfig } from "../../../config";
import { renderAccess, type AccessSettings } from "./access";
import { renderLockdown, type Lockdown } from "./lockdown";
import { renderAuth } from "./auth";
import { renderDatabase, type DatabaseSettings } from "./database";
import { renderPages, type PagesSettings } from "./pages";
import { renderServers, type ServersSettings } from "./servers";
import { renderSpawner, type SpawnerSettings } from "./spawner";
import { renderGroups, renderStorage, renderUsers } from "./storage";

/**
 * The one JSON file that the hub reads. `images/hub/jupyterhub_on_docker/config/` describes the same shape with
 * pydantic and refuses anything else; the end-to-end suite proves that both agree.
 */
export interface HubSettings extends SpawnerSettings {
  readonly hub: {
    /** Address that browsers use, with the base URL: `https://hub.example.org/`. */
    readonly publicUrl: string;
    readonly baseUrl: string;
    readonly logLevel: string;
    /** Who may read the metrics. */
    readonly metrics: "token" | "public";
    /** Failed logins, and seconds. */
    readonly loginLockout: { readonly attempts: number; readonly window: number; readonly duration: number };
    /** Configuration in Python: its path in the container, and names of secrets by those that it uses. */
    readonly extraConfig: {
      readonly path: string;
      readonly secrets: Readonly<Record<string, string>>;
    } | null;
    /** Scheme, name and port below which people's servers have names of their own; none for paths. */
    readonly subdomainHost?: string;
  };
  /** How the hub knows who visits it. */
  readonly visitors: {
    /** Where the reverse proxy's connections come from: addresses, or names on the notebooks' network. */
    readonly proxies: readonly string[];
    /** Load balancers in front of it. */
    readonly trusted: readonly string[];
  };
  readonly auth: AuthConfig;
  readonly pages: PagesSettings;
  readonly access: AccessSettings;
  readonly servers: ServersSettings;
  readonly database: DatabaseSettings;
  readonly storage: StorageConfig;
  readonly groups: Readonly<Record<string, GroupConfig>>;
  readonly users: Readonly<Record<string, UserConfig>>;
  /** What closes notebook servers in, where something does. */
  readonly lockdown?: Lockdown;
  /** Address of the Docker API as the hub reaches it. */
  readonly dockerHost: string;
  /** Address of the reverse proxy's API as the hub reaches it. */
  readonly proxyApiUrl: string;
}

/** Where the hub finds things in its container. */
export const paths = {
  settings: "/etc/jupyterhub/config.json",
  data: "/srv/jupyterhub",
  proxy: "/srv/proxy",
  routes: "/srv/proxy/routes.json",
  secrets: "/run/secrets",
} as const;

/** The network alias under which notebooks and the reverse proxy reach the hub. */
export const HUB_ALIAS = "hub";

/** Renders the hub's settings file. */
export function renderSettings(settings: HubSettings, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    version: 1,
    hub: { ...settings.hub, connectHost: HUB_ALIAS, dataDir: paths.data },
    visitors: {
      proxies: [...settings.visitors.proxies].sort(),
      trusted: [...settings.visitors.trusted].sort(),
    },
    proxy: {
      kind: "traefik-file",
      apiUrl: settings.proxyApiUrl,
      apiUser: "hub",
      routesFile: paths.routes,
      entryPoint: "websecure",
    },
    docker: { host: settings.dockerHost },
    database: renderDatabase(settings.database, paths),
    auth: renderAuth(settings.auth),
    pages: renderPages(settings.pages),
    access: renderAccess(settings.access),
    servers: renderServers(settings.servers),
    spawner: renderSpawner(settings, labels),
    storage: renderStorage(settings.prefix, settings.storage),
    groups: renderGroups(settings.groups),
    users: renderUsers(settings.users),
    ...renderLockdown(settings.lockdown),
  });
}
