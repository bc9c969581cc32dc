import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { join, resolve } from "node:path";
import type Docker from "dockerode";

import { engineFault } from "../config/engine-fault";
import { keyName } from "../config/keys";
import type { DockerSettings } from "../config/stack-file/settings";
import { credentialsIn } from "../config/values/credentials";
import { DEFAULT_HOST, loginInHost, socketPath, withPort } from "../docker-api/address";
import { type Address, dockerClient } from "../docker-api/client";
import { reasonOf } from "../docker-api/refusal";
import { environmentTls, readTlsFiles, type TlsFiles, type TlsMaterial } from "../docker-api/tls";
import { messageOf, SetupError } from "./errors";
import type { Machine } from "./machine";

/** An address at which a Docker Engine may answer. */
export interface Endpoint {
  /** As in DOCKER_HOST: unix://, tcp:// or ssh://. */
  readonly host: string;
  /** Who named it. `configuration` and `DOCKER_HOST` are a choice: nothing else is tried then. */
  readonly source: "configuration" | "DOCKER_HOST" | "default" | "found";
  /** Certificates that the configuration names. */
  readonly tls?: TlsFiles | undefined;
}

/**
 * Where an engine is looked for, in order.
 * @param configured `jupyterhub:docker` of the stack.
 * @throws SetupError where an address holds a login: it is shown, and kept in the state.
 */
export function endpoints(machine: Machine, configured: DockerSettings = {}): Endpoint[] {
  const all = candidates(machine, configured);
  for (const { host, source } of all) {
    const login = credentialsIn(host);
    const name =
      source === "configuration"
        ? keyName("docker.host")
        : source === "found"
          ? "The Docker context"
          : source;
    if (login !== undefined) {
      throw new SetupError(loginInHost(login, name));
    }
  }
  return all;
}

function candidates(machine: Machine, configured: DockerSettings): Endpoint[] {
  const { host, tls } = configured;
  if (host) {
    return [{ host, source: "configuration", ...(tls ? { tls } : {}) }];
  }
  if (machine.env.DOCKER_HOST) {
    return [{ host: machine.env.DOCKER_HOST, source: "DOCKER_HOST" }];
  }
  const found = [
    contextHost(machine),
    machine.env.XDG_RUNTIME_DIR && `unix://${machine.env.XDG_RUNTIME_DIR}/docker.sock`,
    `unix://${machine.home}/.docker/run/docker.sock`,
  ].filter((host): host is string => !!host && host !== DEFAULT_HOST);
  return [
    { host: DEFAULT_HOST, source: "default" },
    ...[...new Set(found)].map((host) => ({ host, source: "found" as const })),
  ];
}

/** The address of the Docker CLI's current context (`docker context use`). */
function contextHost(machine: Machine): string | undefined {
  try {
    const folder = machine.env.DOCKER_CONFIG ?? join(machine.home, ".docker");
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as {
      currentContext?: string;
    };
    const name = machine.env.DOCKER_CONTEXT ?? config.currentContext;
    if (!name || name === "default") {
      return undefined;
    }
    const id = createHash("sha256").update(name).digest("hex");
    const meta = JSON.parse(readFileSync(join(folder, "contexts", "meta", id, "meta.json"), "utf8")) as {
      Endpoints?: { docker?: { Host?: string } };
    };
    return meta.Endpoints?.docker?.Host;
  } catch {
    return undefined;
  }
}

export type Answer =
  | { readonly kind: "ok"; readonly version: string; readonly architecture: string; readonly os: string }
  | { readonly kind: "denied" }
  /** `fault`: all that is to be said, where it is known whose the fault is. */
  | { readonly kind: "silent"; readonly reason: string; readonly fault?: string | undefined };

/**
 * Asks an address for the engine's version.
 * @throws SetupError where the certificates for it cannot be read.
 */
export async function ask(endpoint: Endpoint, machine: Machine): Promise<Answer> {
  try {
    const version = endpoint.host.startsWith("ssh://")
      ? await (await client(endpoint, machine)).version()
      : ((await get(endpoint, machine, "/version")).body as Docker.DockerVersion);
    return { kind: "ok", version: version.Version, architecture: version.Arch, os: version.Os };
  } catch (error) {
    if (error instanceof SetupError) {
      throw error;
    }
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") {
      return { kind: "denied" };
    }
    const given = { code, message: messageOf(error) || (code ?? "no answer") };
    const known = await reasonOf(given, { host: endpoint.host, tls: tlsOf(endpoint, machine) });
    return {
      kind: "silent",
      reason: known.message,
      fault: engineFault(endpoint.host, known.code, known.message),
    };
  }
}

/**
 * One GET of the Docker API, without the client library: a prepared machine asks three times and is done, and loading
 * the library takes longer than that.
 */
export function get(
  endpoint: Endpoint,
  machine: Machine,
  path: string,
): Promise<{ status: number; body: unknown }> {
  const tls = tlsOf(endpoint, machine);
  const secure = tls !== undefined;
  const url = new URL(withPort(endpoint.host, secure));
  const options: RequestOptions =
    url.protocol === "unix:"
      ? { socketPath: url.pathname, path }
      : { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port, path };
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      ...options,
      ...tls,
      timeout: 5000,
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        } catch {
          reject(new Error(`${endpoint.host} answers, but not like a Docker Engine`));
        }
      });
    });
    request.end();
  });
}

/**
 * A full client of the engine at this address.
 * @param timeout milliseconds without an answer after which a call fails. @default none
 */
export function client(endpoint: Endpoint, machine: Machine, timeout?: number): Promise<Docker> {
  return dockerClient(addressOf(endpoint, machine), timeout);
}

/** The engine at this address, with the certificates for it. */
export const addressOf = (endpoint: Endpoint, machine: Machine): Address => ({
  host: endpoint.host,
  tls: tlsOf(endpoint, machine),
});

/**
 * The certificates for an address: the configuration's, else those of DOCKER_CERT_PATH, as for the Docker CLI.
 * @throws SetupError where one cannot be read.
 */
function tlsOf({ host, tls }: Endpoint, machine: Machine): TlsMaterial | undefined {
  if (socketPath(host) !== undefined || host.startsWith("ssh://")) {
    return undefined;
  }
  try {
    return tls ? readTlsFiles(inRoot(machine, tls)) : environmentTls(machine.env, machine.home);
  } catch (error) {
    const { path = "", message } = error as NodeJS.ErrnoException;
    const key =
      tls && (["ca", "certificate", "key"] as const).find((one) => resolve(machine.root, tls[one]) === path);
    throw new SetupError(
      `${key ? keyName(`docker.tls.${key}`) : "DOCKER_CERT_PATH"}: expected a file that can be read, got ${path || message}, which ${
        (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read"
      }.`,
      key ? "Put the file there, or correct the path (relative to the folder of Pulumi.yaml)." : "",
    );
  }
}

const inRoot = ({ root }: Machine, { ca, certificate, key }: TlsFiles): TlsFiles => ({
  ca: resolve(root, ca),
  certificate: resolve(root, certificate),
  key: resolve(root, key),
});
