import { createServer } from "node:net";

import type { HubConfig } from "../config";
import { keyName, setKeyCommand } from "../config/keys";
import type { PublishedPort } from "./docker-host";

/** A port that the stack wants, and the configuration key that names it. */
export interface WantedPort {
  readonly key: string;
  readonly port: number;
  /** Another way out than another port. */
  readonly otherwise?: string;
}

const http01 = (stack: string): string =>
  "or use a challenge on the HTTPS port with: " + setKeyCommand(stack, "tls.challenge.kind", "tls-alpn-01");

/** The ports that a configuration has the proxy publish. @param stack for commands that help */
export function wantedPorts(
  { ports, tls }: Pick<HubConfig<unknown>, "ports" | "tls">,
  stack: string,
): WantedPort[] {
  const isHttp01 = tls.kind === "acme" && tls.challenge.kind === "http-01";
  return [
    ...(tls.kind === "off" ? [] : [{ key: "ports.https", port: ports.https }]),
    ...(ports.http === false
      ? []
      : [{ key: "ports.http", port: ports.http, ...(isHttp01 ? { otherwise: http01(stack) } : {}) }]),
  ];
}

const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";

/** Whether two listeners on one port get in each other's way. */
export function collide(a: string, b: string): boolean {
  return a === b || isAny(a) || isAny(b);
}

/** The container that publishes a port on an address, if there is one. */
export function publisher(
  published: readonly PublishedPort[],
  port: number,
  address: string,
): PublishedPort | undefined {
  return published.find((one) => one.port === port && collide(one.address, address));
}

/** Whether a process on this machine listens on a port. No right to ask (a low port, not root) is not an answer. */
export function listening(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE");
    });
    server.listen({ port, host: address, exclusive: true }, () => {
      server.close(() => {
        resolve(false);
      });
    });
  });
}

/** The message for a port that somebody else has. @param stack for the command that helps */
export function portInUse(wanted: WantedPort, owner: string, stack: string): string {
  return (
    `${keyName(wanted.key)}: expected a free port, got ${wanted.port}, which ${owner}. ` +
    `Stop it, or choose another port with: ${setKeyCommand(stack, wanted.key, "<port>")}` +
    (wanted.otherwise === undefined ? "" : ` (${wanted.otherwise})`)
  );
}
