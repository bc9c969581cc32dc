/** Ports that Traefik listens on in its container: over 1023, since it runs as an ordinary user. */
export const containerPorts = { http: 8080, https: 8443, api: 8099, ping: 8098 } as const;

/** Name of the reverse proxy's API on the control network. */
export const API_ALIAS = "proxy-api";

/** Folder that Traefik watches for dynamic configuration; a volume shared with the hub. */
export const DYNAMIC_DIRECTORY = "/srv/proxy";

export interface StaticConfiguration {
  /** Port that browsers use for HTTPS; redirects name it. */
  readonly httpsPort: number;
  /** Whether plain HTTP is answered with a redirect. */
  readonly redirect: boolean;
  /** Traefik's log level: DEBUG, INFO, WARN or ERROR. */
  readonly logLevel: string;
  readonly accessLog: boolean;
}

/** Traefik's static configuration as command-line flags: it has no file to mount and nothing secret in it. */
export function traefikFlags(args: StaticConfiguration): string[] {
  const entryPoints = [
    `--entryPoints.websecure.address=:${containerPorts.https}`,
    // The routers that the hub writes say nothing of TLS: the entry point gives it to all.
    "--entryPoints.websecure.http.tls=true",
    // A notebook's answer can take as long as its cell runs, an upload as long as the line is slow.
    "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=0s",
    // Bound to the control network's address by its name there: on no other network is the API to be had.
    `--entryPoints.api.address=${API_ALIAS}:${containerPorts.api}`,
    `--entryPoints.ping.address=127.0.0.1:${containerPorts.ping}`,
  ];
  const redirect = [
    `--entryPoints.web.address=:${containerPorts.http}`,
    `--entryPoints.web.http.redirections.entryPoint.to=:${args.httpsPort}`,
    "--entryPoints.web.http.redirections.entryPoint.scheme=https",
  ];
  // Headers that only look like those that Traefik manages (X_Forwarded_For) are dropped.
  const aliases = ["websecure", "api", "ping", ...(args.redirect ? ["web"] : [])].map(
    (name) => `--entryPoints.${name}.http.aliasHeadersStrategy=delete`,
  );
  return [
    "--global.checkNewVersion=false",
    "--global.sendAnonymousUsage=false",
    `--log.level=${args.logLevel}`,
    ...(args.accessLog ? ["--accessLog=true"] : []),
    ...entryPoints,
    ...(args.redirect ? redirect : []),
    ...aliases,
    "--api=true",
    "--api.dashboard=false",
    "--ping=true",
    "--ping.entryPoint=ping",
    `--providers.file.directory=${DYNAMIC_DIRECTORY}`,
    "--providers.file.watch=true",
    // Each new route waits for this: two seconds, the default, would be added to every spawn.
    "--providers.providersThrottleDuration=100ms",
  ];
}

/**
 * Traefik's dynamic TLS configuration, with certificate and key inline: one file is replaced in one step, so there is
 * no moment at which a new certificate stands beside an old key. (JSON is YAML.)
 */
export function tlsConfiguration(certificate: string, key: string): string {
  return JSON.stringify({
    tls: {
      stores: { default: { defaultCertificate: { certFile: certificate, keyFile: key } } },
      options: { default: { minVersion: "VersionTLS12" } },
    },
  });
}
