/** Single GET requests to the Docker API, without a client library: that takes longer to load than they take. */
import { type IncomingHttpHeaders, request as plain, type RequestOptions } from "node:http";
import { request as encrypted } from "node:https";

import { socketPath, withPort } from "./address";
import type { Address } from "./client";
import { sshAgent } from "./ssh";

/** An engine's answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Where and how to connect. */
function way({ host, tls }: Address): { readonly options: RequestOptions; readonly tls: boolean } {
  const socket = socketPath(host);
  if (socket !== undefined) {
    return { options: { socketPath: socket }, tls: false };
  }
  if (host.startsWith("ssh://")) {
    // The name is only a label: the agent makes the connection.
    return { options: { host: "docker.invalid", agent: sshAgent(new URL(host)) }, tls: false };
  }
  const { hostname, port } = new URL(withPort(host, tls !== undefined));
  const options = { host: hostname.replace(/^\[|\]$/g, ""), port, agent: false as const, ...tls };
  return { options, tls: tls !== undefined };
}

/**
 * One request.
 * @param timeout milliseconds without a byte after which it fails
 */
export function ask(
  address: Address,
  path: string,
  { method = "GET", timeout = 10_000 }: { readonly method?: "GET" | "HEAD"; readonly timeout?: number } = {},
): Promise<Answer> {
  const { options, tls } = way(address);
  return new Promise((resolve, reject) => {
    const call = (tls ? encrypted : plain)({ ...options, path, method, timeout }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}
