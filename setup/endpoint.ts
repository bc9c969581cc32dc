import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import type Docker from "dockerode";
import { messageOf } from "./errors";
import type { Machine } from "./machine";

/** An address at which a Docker Engine may answer. */
export interface Endpoint {
  /** As in DOCKER_HOST: unix://, tcp:// or ssh://. */
  readonly host: string;
  /** Who named it. `configuration` and `DOCKER_HOST` are a choice: nothing else is tried then. */
  readonly source: "configuration" | "DOCKER_HOST" | "default" | "found";
}

export const defaultHost = "unix:///var/run/docker.sock";

/**
 * Where an engine is looked for, in order.
 * @param configured `jupyterhub:docker.host` of the stack.
 */
export function endpoints(machine: Machine, configured: string | undefined): Endpoint[] {
  if (configured) {
    return [{ host: configured, source: "configuration" }];
  }
  if (machine.env.DOCKER_HOST) {
    return [{ host: machine.env.DOCKER_HOST, source: "DOCKER_HOST" }];
  }
  const found = [
    contextHost(machine),
    machine.env.XDG_RUNTIME_DIR && `unix://${machine.env.XDG_RUNTIME_DIR}/docker.sock`,
    `unix://${machine.home}/.docker/run/docker.sock`,
  ].filter((host): host is string => !!host && host !== defaultHost);
  return [
    { host: defaultHost, source: "default" },
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
  | { readonly kind: "silent"; readonly reason: string };

/** Asks an address for the engine's version. Never throws. */
export async function ask(endpoint: Endpoint, machine: Machine): Promise<Answer> {
  try {
    const version = endpoint.host.startsWith("ssh://")
      ? await (await client(endpoint, machine)).version()
      : ((await get(endpoint, machine, "/version")).body as Docker.DockerVersion);
    return { kind: "ok", version: version.Version, architecture: version.Arch, os: version.Os };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") {
      return { kind: "denied" };
    }
    return { kind: "silent", reason: messageOf(error) || (code ?? "no answer") };
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
  const tls = tlsFiles(machine);
  const url = new URL(endpoint.host);
  const options: RequestOptions =
    url.protocol === "unix:"
      ? { socketPath: url.pathname, path }
      : { host: url.hostname, port: url.port || (tls ? 2376 : 2375), path };
  const secure = url.protocol !== "unix:" && tls !== undefined;
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      ...options,
      ...(secure ? tls : {}),
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
          reject(new Error(`${endpoint.host} answers, but not as a Docker Engine does`));
        }
      });
    });
    request.end();
  });
}

/** A full client of the engine at this address. */
export async function client(endpoint: Endpoint, machine: Machine): Promise<Docker> {
  const { default: DockerClient } = await import("dockerode");
  const url = new URL(endpoint.host);
  if (url.protocol === "unix:") {
    return new DockerClient({ socketPath: url.pathname });
  }
  if (url.protocol === "ssh:") {
    return new DockerClient({
      protocol: "ssh",
      host: url.hostname,
      port: url.port || 22,
      username: url.username || machine.env.USER || "root",
      sshOptions: { agent: machine.env.SSH_AUTH_SOCK },
    });
  }
  const tls = tlsFiles(machine);
  return new DockerClient({
    protocol: tls ? "https" : "http",
    host: url.hostname,
    port: url.port || (tls ? 2376 : 2375),
    ...tls,
  });
}

/** The client certificate that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH name, as for the Docker CLI. */
function tlsFiles(machine: Machine): { ca: Buffer; cert: Buffer; key: Buffer } | undefined {
  if (!machine.env.DOCKER_TLS_VERIFY && !machine.env.DOCKER_CERT_PATH) {
    return undefined;
  }
  const folder = machine.env.DOCKER_CERT_PATH ?? join(machine.home, ".docker");
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
