/** A client of a Docker Engine, wherever it is. */
import type Docker from "dockerode";

import { socketPath, withPort } from "./address";
import { sshAgent } from "./ssh";
import type { TlsMaterial } from "./tls";

/** An engine's address, and the certificates for it. */
export interface Address {
  readonly host: string;
  /** For `tcp://` only. */
  readonly tls?: TlsMaterial | undefined;
}

/** @param timeout milliseconds without an answer after which a call fails. @default none */
export async function dockerClient({ host, tls }: Address, timeout?: number): Promise<Docker> {
  // Loaded when it is needed: that takes longer than all that most runs ask of an engine.
  const { default: Client } = await import("dockerode");
  const limit = timeout === undefined ? {} : { timeout };
  const socket = socketPath(host);
  if (socket !== undefined) {
    return new Client({ socketPath: socket, ...limit });
  }
  if (host.startsWith("ssh://")) {
    // The name is only a label: the agent makes each connection.
    const options = { host: "docker.invalid", port: 80, protocol: "http", agent: sshAgent(new URL(host)) };
    return new Client({ ...options, ...limit } as unknown as Docker.DockerOptions);
  }
  const url = new URL(withPort(host, tls !== undefined));
  return new Client({
    protocol: tls ? "https" : "http",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    ...tls,
    ...limit,
  });
}
