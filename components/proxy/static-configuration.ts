import type { Check } from "../health";
import { type AcmeResolver, acmeSettings } from "./acme";
import type { Edge } from "./edge";
import { ROUTES_URL } from "./routes";
import { type Setting, some } from "./setting";

/** Ports that Traefik listens on in its container: over 1023, since it runs as an ordinary user. */
export const containerPorts = { http: 8080, https: 8443, api: 8099, ping: 8098, metrics: 8097 } as const;

/** Traefik's health. The program is large: to start it for this takes some 0.1 s of processor time. */
export const TRAEFIK_CHECK: Check = {
  command: [
    ...["traefik", "healthcheck", "--ping", "--ping.entryPoint=ping"],
    `--entryPoints.ping.address=127.0.0.1:${containerPorts.ping}`,
  ],
  every: 20,
};

/** Name of the reverse proxy's API and figures on the control network. */
export const API_ALIAS = "proxy-api";

/** Name of the reverse proxies of a Swarm on the notebooks' network. */
export const PROXY_ALIAS = "proxy";

/** Folder that Traefik watches for dynamic configuration. Nothing but Traefik has it. */
export const DYNAMIC_DIRECTORY = "/srv/proxy";

/** The chain of middlewares that every request goes through: see ./edge. It is in a file, so that changing it restarts nothing. */
export const EDGE_MIDDLEWARE = "edge@file";

/** What the main entry point speaks. */
export type Listener =
  /** TLS with a certificate from the dynamic configuration. */
  | { readonly kind: "certificate" }
  /** TLS with certificates that Traefik gets by itself. */
  | { readonly kind: "acme"; readonly resolver: AcmeResolver }
  /** Plain HTTP behind load balancers. */
  | { readonly kind: "off" };

/** What of a reverse proxy is in Traefik's static configuration, on one host and in a Swarm. */
export interface TraefikSettings {
  /** Ports that browsers use; `http` false for none. Redirects name that of HTTPS. */
  readonly ports: { readonly https: number; readonly http: number | false };

  /** What requests go through. Changing anything but `trustedProxies` and `metrics` restarts nothing. */
  readonly edge: Edge;

  /** Traefik's log level: DEBUG, INFO, WARN or ERROR. */
  readonly logLevel: string;

  /** Whether each request is logged. */
  readonly accessLog: boolean;
}

export interface StaticConfiguration extends TraefikSettings {
  readonly listener: Listener;
  /** Time between two questions for routes, as `100ms`. */
  readonly pollInterval: string;
  /** Name or address that API and metrics are bound to; empty for all. */
  readonly apiHost: string;
  /**
   * Whether the figures have a router of their own in the dynamic configuration. Without one they are there for whoever
   * reaches their entry point.
   *
   * @default false
   */
  readonly metricsRouter?: boolean;
}

const listeners: {
  readonly [K in Listener["kind"]]: (listener: Extract<Listener, { kind: K }>) => Setting[];
} = {
  certificate: () => [
    ["entryPoints.websecure.address", `:${containerPorts.https}`],
    // The routers that the hub writes say nothing of TLS: the entry point gives it to all.
    ["entryPoints.websecure.http.tls", "true"],
  ],
  acme: ({ resolver }) => [
    ["entryPoints.websecure.address", `:${containerPorts.https}`],
    ...acmeSettings(resolver),
  ],
  off: () => [["entryPoints.websecure.address", `:${containerPorts.http}`]],
};

// Addresses can have tokens in them, headers have cookies and passwords: neither is written down.
const ACCESS_LOG: readonly Setting[] = [
  ["accessLog", "true"],
  ["accessLog.format", "json"],
  ["accessLog.fields.headers.defaultMode", "drop"],
  ["accessLog.fields.queryParameters.defaultMode", "drop"],
  // What hub and Prometheus ask Traefik itself is no visitor's request.
  ["entryPoints.api.observability.accessLogs", "false"],
];

const metricsSettings = (host: string, router: boolean): Setting[] => [
  ["entryPoints.metrics.address", `${host}:${containerPorts.metrics}`],
  ["metrics.prometheus", "true"],
  router ? ["metrics.prometheus.manualRouting", "true"] : ["metrics.prometheus.entryPoint", "metrics"],
  ["metrics.prometheus.addEntryPointsLabels", "true"],
  ["entryPoints.metrics.observability.accessLogs", "false"],
  ["entryPoints.metrics.observability.metrics", "false"],
  ["entryPoints.api.observability.metrics", "false"],
  // A service for each person: thousands of series that nobody looks at.
  ["metrics.prometheus.addServicesLabels", "false"],
];

/** Traefik's static configuration. Nothing in it is secret. */
export function staticSettings(args: StaticConfiguration): Setting[] {
  const { listener, ports } = args;
  const { trustedProxies, metrics } = args.edge;
  // Without TLS the one port that is published is that of plain HTTP.
  const isRedirected = listener.kind !== "off" && ports.http !== false;
  const entryPoints: Setting[] = [
    ...(listeners[listener.kind] as (listener: Listener) => Setting[])(listener),
    ...some(
      trustedProxies.length > 0,
      "entryPoints.websecure.forwardedHeaders.trustedIPs",
      [...trustedProxies].sort().join(","),
    ),
    ["entryPoints.websecure.http.middlewares", EDGE_MIDDLEWARE],
    // A notebook's answer can take as long as its cell runs, an upload as long as the line is slow.
    ["entryPoints.websecure.transport.respondingTimeouts.readTimeout", "0s"],
    ["entryPoints.api.address", `${args.apiHost}:${containerPorts.api}`],
    ["entryPoints.ping.address", `127.0.0.1:${containerPorts.ping}`],
  ];
  const redirect: Setting[] = [
    ["entryPoints.web.address", `:${containerPorts.http}`],
    ["entryPoints.web.http.redirections.entryPoint.to", `:${ports.https}`],
    ["entryPoints.web.http.redirections.entryPoint.scheme", "https"],
  ];
  // Headers that only look like those that Traefik manages (X_Forwarded_For) are dropped.
  const names = [
    "websecure",
    "api",
    "ping",
    ...(isRedirected ? ["web"] : []),
    ...(metrics ? ["metrics"] : []),
  ];
  const aliases = names.map((name): Setting => [`entryPoints.${name}.http.aliasHeadersStrategy`, "delete"]);
  return [
    ["global.checkNewVersion", "false"],
    ["global.sendAnonymousUsage", "false"],
    ["log.level", args.logLevel],
    ...(args.accessLog ? ACCESS_LOG : []),
    ...entryPoints,
    ...(isRedirected ? redirect : []),
    ...(metrics ? metricsSettings(args.apiHost, args.metricsRouter ?? false) : []),
    ...aliases,
    ["api", "true"],
    ["api.dashboard", "false"],
    ["ping", "true"],
    ["ping.entryPoint", "ping"],
    ["providers.file.directory", DYNAMIC_DIRECTORY],
    ["providers.file.watch", "true"],
    // Routes are no files: Traefik would take a file of the hub's for a template that reads its environment, and would
    // not tell the hub's middlewares from the edge's. Asked again and again, it also outlives what a watched store does not.
    ["providers.http.endpoint", ROUTES_URL],
    ["providers.http.pollInterval", args.pollInterval],
    ["providers.http.pollTimeout", "4s"],
    // Each new route waits for this: two seconds, the default, would be added to every spawn.
    ["providers.providersThrottleDuration", "100ms"],
  ];
}

/** The settings as command-line flags: a container of one host has no file to mount. */
export function traefikFlags(args: Omit<StaticConfiguration, "apiHost">): string[] {
  // Bound to the control network's address by its name there: on no other network is the API to be had.
  return staticSettings({ ...args, apiHost: API_ALIAS }).map(([path, value]) => `--${path}=${value}`);
}
