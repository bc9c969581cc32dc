/** The connection to a Docker Engine, made from the provider's configuration, and what its answers mean. */
import { homedir } from "node:os";
import { setTimeout } from "node:timers/promises";
import type Docker from "dockerode";

import { DEFAULT_HOST } from "../../../docker-api/address";
import { type Address, dockerClient } from "../../../docker-api/client";
import { environmentTls, type TlsMaterial } from "../../../docker-api/tls";
import type { Props } from "../lib/serve";

/** A reply of the engine that is not a success. */
interface EngineReply extends Error {
  statusCode?: number;
  code?: string;
  json?: { message?: string };
}

/** Settings of `docker.Provider` that are not here. */
const REFUSED = ["certPath", "context", "disableDockerDaemonCheck", "registryAuth", "sshOpts"];

/**
 * The engine that the provider's configuration names: `host`, and the three certificates. What is not set there comes
 * from DOCKER_HOST, DOCKER_CA_MATERIAL, DOCKER_CERT_MATERIAL, DOCKER_KEY_MATERIAL and DOCKER_CERT_PATH, as with the real
 * plugin.
 */
export function engineAddress(config: Props, environment: NodeJS.ProcessEnv = process.env): Address {
  const refused = REFUSED.filter((key) => config[key] !== undefined);
  if (refused.length > 0) {
    throw new Error(`the stand-in for the docker plugin does not have the settings ${refused.join(", ")}`);
  }
  const setting = (key: string, variable: string): string | undefined => {
    const value = config[key];
    return (typeof value === "string" && value !== "" ? value : environment[variable]) || undefined;
  };
  const host = setting("host", "DOCKER_HOST") ?? DEFAULT_HOST;
  const given = material(
    setting("caMaterial", "DOCKER_CA_MATERIAL"),
    setting("certMaterial", "DOCKER_CERT_MATERIAL"),
    setting("keyMaterial", "DOCKER_KEY_MATERIAL"),
  );
  return {
    host,
    tls: given ?? (host.startsWith("tcp:") ? environmentTls(environment, homedir()) : undefined),
  };
}

function material(ca?: string, cert?: string, key?: string): TlsMaterial | undefined {
  if (ca !== undefined && cert !== undefined && key !== undefined) {
    return { ca, cert, key };
  }
  if ((ca ?? cert ?? key) !== undefined) {
    throw new Error("certMaterial, keyMaterial, and caMaterial must all be specified");
  }
  return undefined;
}

/** An engine that answers. */
export interface Connection {
  readonly docker: Docker;
}

/** @throws Error with one clear message when the engine does not answer */
export async function connect(config: Props): Promise<Connection> {
  const address = engineAddress(config);
  const docker = await dockerClient(address);
  try {
    await docker.ping();
  } catch (error) {
    throw new Error(unreachable(address.host, error as EngineReply), { cause: error });
  }
  return { docker };
}

function unreachable(host: string, error: EngineReply): string {
  const code = error.code ?? "";
  if (code === "EACCES") {
    return `no right to use the Docker Engine at ${host}: add the user to its group (usermod -aG docker USER), then log in again`;
  }
  const why =
    code === "ENOENT"
      ? "there is no such socket"
      : code === "ECONNREFUSED"
        ? "nothing listens there"
        : reason(error);
  return `cannot reach the Docker Engine at ${host}: ${why}. Start it (systemctl start docker), or set DOCKER_HOST`;
}

/** What went wrong, in the engine's own words. */
export function reason(error: unknown): string {
  const reply = error as EngineReply;
  return reply.json?.message ?? (error instanceof Error ? error.message : String(error));
}

export const isNotFound = (error: unknown): boolean => (error as EngineReply).statusCode === 404;
export const hasStatus = (error: unknown, status: number): boolean =>
  (error as EngineReply).statusCode === status;

/** The value, or undefined when the engine does not know the object. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Waits, or ends early with an error when the operation is cancelled. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Rejects at once when the update was cancelled before: waiting for the event alone would miss that.
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {
    throw new Error("cancelled");
  });
}

/**
 * Keeps the body of a request out of its address: the client would put all of it into the query as well, and with it
 * environment variables and other secrets.
 */
export function request(body: Props, query: Props = {}): object {
  return { _body: body, _query: query };
}

/** A container that is being removed holds on to its networks and volumes for a moment. */
const IN_USE_TIMEOUT_MS = 30_000;
const IN_USE_RETRY_MS = 500;

/** Removes an object, waiting up to 30 s while the engine's refusal has `inUse` in it. One that is gone is fine. */
export async function removeUnused(
  remove: () => Promise<unknown>,
  inUse: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + IN_USE_TIMEOUT_MS;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      if (isNotFound(error)) {
        return;
      }
      if (!reason(error).includes(inUse) || Date.now() > deadline) {
        throw error;
      }
    }
    await sleep(IN_USE_RETRY_MS, signal);
  }
}
