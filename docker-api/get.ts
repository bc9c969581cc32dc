/** Single requests to the Docker API, without a client library: that takes longer to load than they take. */
import { type Agent, type IncomingHttpHeaders, request as plain, type RequestOptions } from "node:http";
import { request as encrypted } from "node:https";
import type { ZodType } from "zod";

import { socketPath, withPort } from "./address";
import type { Address } from "./client";
import { sshAgent } from "./ssh";

/** An engine's answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request of an engine that has been chosen. */
export type Get = (path: string, method?: "GET" | "HEAD") => Promise<Answer>;

/**
 * An engine's answer in JSON, checked; undefined for what it does not have.
 *
 * @throws Error for any other answer, which tells the path
 */
export async function readJson<T>(get: Get, path: string, shape: ZodType<T>): Promise<T | undefined> {
  const { status, body } = await get(path);
  const where = path.replace(/\?.*/, "");
  if (status === 404) {
    return undefined;
  }
  if (status !== 200) {
    throw new Error(`HTTP ${status} from ${where}`);
  }
  const answer = shape.safeParse(JSON.parse(body.toString()));
  if (!answer.success) {
    const { path: at = [], message = "" } = answer.error.issues[0] ?? {};
    throw new Error(`an answer of another form from ${where}: ${at.join(".")}: ${message}`);
  }
  return answer.data;
}

/** Where and how to connect. @param agent for ssh, in the place of a connection of its own */
function way(
  { host, tls }: Address,
  agent?: Agent,
): { readonly options: RequestOptions; readonly tls: boolean } {
  const socket = socketPath(host);
  if (socket !== undefined) {
    return { options: { socketPath: socket }, tls: false };
  }
  if (host.startsWith("ssh://")) {
    // The name is only a label: the agent makes the connection.
    return { options: { host: "docker.invalid", agent: agent ?? sshAgent(new URL(host)) }, tls: false };
  }
  const { hostname, port } = new URL(withPort(host, tls !== undefined));
  const options = { host: hostname.replace(/^\[|\]$/g, ""), port, agent: false as const, ...tls };
  return { options, tls: tls !== undefined };
}

/** Bytes of the largest answer that is taken: no list of objects has as many. */
const MOST = 256 * 2 ** 20;

interface AskOptions {
  /** @default "GET", or "POST" with a body */
  readonly method?: "GET" | "HEAD" | "POST" | "DELETE";
  /** Sent as JSON. */
  readonly body?: object;
  /** Milliseconds without a byte after which it fails. @default 10000 */
  readonly timeout?: number;
  /** Connections to use for ssh. @default one of its own */
  readonly agent?: Agent | undefined;
}

/** For several requests through ssh: one connection, since each costs a login there. To be destroyed afterwards. */
export function sharedConnection({ host }: Address): Agent | undefined {
  if (!host.startsWith("ssh://")) {
    return undefined;
  }
  const agent = sshAgent(new URL(host));
  agent.maxSockets = 1;
  (agent as { keepAlive?: boolean }).keepAlive = true;
  return agent;
}

/**
 * Several requests: through ssh all in one connection, one after the other, since each costs a login there.
 *
 * @param use what to do with the connection, which is closed afterwards
 */
export async function withConnection<T>(address: Address, use: (get: Get) => Promise<T>): Promise<T> {
  const agent = sharedConnection(address);
  try {
    return await use((path, method = "GET") => ask(address, path, { agent, method }));
  } finally {
    agent?.destroy();
  }
}

/** One request. */
export function ask(
  address: Address,
  path: string,
  { body, method = body === undefined ? "GET" : "POST", timeout = 10_000, agent }: AskOptions = {},
): Promise<Answer> {
  const { options, tls } = way(address, agent);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return new Promise((resolve, reject) => {
    const call = (tls ? encrypted : plain)({ ...options, path, method, headers, timeout }, (answer) => {
      const pieces: Buffer[] = [];
      let length = 0;
      answer.on("data", (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > MOST) {
          call.destroy(new Error(`an answer of more than ${MOST} bytes`));
        }
      });
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
