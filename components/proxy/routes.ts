/** Settings of the server of routes: what stands between the hub, which notes them, and Traefik. Pure. */
import { HUB_ALIAS } from "../hub/settings/paths";

/** Name and port of the server on the control network. */
export const ROUTES = { alias: "routes", port: 8096, file: "/etc/jupyterhub/routes.json" } as const;

/** Port of the page that people see while the hub or a server is away. */
export const AWAY_PORT = 8095;

/** What Traefik asks. */
export const ROUTES_URL = `http://${ROUTES.alias}:${ROUTES.port}/routes.json`;

/** Where routes may lead to: nothing else of Traefik's networks is opened to visitors by whoever takes over the hub. */
export interface RouteTargets {
  /** Networks that notebook servers have their addresses from. */
  readonly networks: readonly string[];
  /** Beginning of the names of notebook servers, where they are reached by name. */
  readonly prefix: string | null;
  /** Services of the hub that have an address, whose code may be anywhere. */
  readonly services: readonly { readonly url?: string | undefined }[];
}

/** Where the hub notes routes. */
export type RouteStore =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "redis";
      readonly url: string;
      /** Name of the secret. */
      readonly password: string;
    };

/**
 * @param targets undefined for anywhere
 * @param hub path or address of the hub's pages, with a slash at its end
 */
export function routesSettings(store: RouteStore, targets: RouteTargets | undefined, hub: string): string {
  const hosts = (targets?.services ?? []).flatMap(({ url }) =>
    url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, "")],
  );
  return JSON.stringify({
    version: 1,
    listen: `0.0.0.0:${ROUTES.port}`,
    entryPoint: "websecure",
    store,
    targets:
      targets === undefined
        ? null
        : {
            networks: [...targets.networks].sort(),
            names: [...new Set([HUB_ALIAS, ...hosts])].sort(),
            prefix: targets.prefix,
          },
    away: { listen: `0.0.0.0:${AWAY_PORT}`, url: `http://${ROUTES.alias}:${AWAY_PORT}`, hub },
  });
}
