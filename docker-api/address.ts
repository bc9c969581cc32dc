/** Addresses of Docker Engines, as in DOCKER_HOST: unix://, ssh:// or tcp://. */

/** Where the engine of this machine listens, unless somebody has decided otherwise. */
export const DEFAULT_HOST = "unix:///var/run/docker.sock";

/** Path of a `unix://` host's socket, or undefined for any other host. */
export function socketPath(host: string): string | undefined {
  return host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
}

/** A `tcp://` host with its port, Docker's own where it names none: 2376 with TLS, 2375 without. */
export function withPort(host: string, tls: boolean): string {
  return /^tcp:\/\/([^:]+|\[.*\])$/.test(host) ? `${host}:${tls ? 2376 : 2375}` : host;
}

/** What is said of an address of the environment with a login in it, which would be readable in the state. */
export const loginInHost = (login: string, name = "DOCKER_HOST"): string =>
  `${name}: expected an address without user, password or token, which would be readable in the state, got one with ` +
  `${login}. Remove it: use ssh://user@host with a key, or tcp:// with certificates.`;
