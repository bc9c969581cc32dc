/** The connection to a Docker Engine, made from the provider's configuration. */
import { setTimeout } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { DEFAULT_HOST } from "../../../docker-api/address";
import { sshAgent } from "../../../docker-api/ssh";
import type { Props } from "../lib/serve";

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** Settings of `docker.Provider`, environment variables filled in. */
export interface EngineConfig {
  readonly host: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly sshOptions: readonly string[];
  readonly registryAuth: readonly Props[];
}

/** A reply of the engine that is not a success. */
interface EngineReply extends Error {
  statusCode?: number;
  code?: string;
  json?: { message?: string };
}

/**
 * Reads the provider's configuration; what is not set there comes from DOCKER_HOST, DOCKER_CA_MATERIAL,
 * DOCKER_CERT_MATERIAL, DOCKER_KEY_MATERIAL and DOCKER_CERT_PATH, as with the real plugin.
 */
export function engineConfig(config: Props, environment: NodeJS.ProcessEnv = process.env): EngineConfig {
  const setting = (key: string, variable: string): string | undefined => {
    const value = config[key];
    const text = typeof value === "string" && value !== "" ? value : environment[variable];
    return text === "" ? undefined : text;
  };
  const host = setting("host", "DOCKER_HOST") ?? DEFAULT_HOST;
  const material = {
    ca: setting("caMaterial", "DOCKER_CA_MATERIAL"),
    cert: setting("certMaterial", "DOCKER_CERT_MATERIAL"),
    key: setting("keyMaterial", "DOCKER_KEY_MATERIAL"),
  };
  const directory = setting("certPath", "DOCKER_CERT_PATH");
  const given = Object.values(material).filter((text) => text !== undefined).length;
  if (given > 0 && given < 3) {
    throw new Error("certMaterial, keyMaterial, and caMaterial must all be specified");
  }
  if (given > 0 && directory !== undefined) {
    throw new Error("when using raw certificates, certPath must not be specified");
  }
  const tls =
    given === 3
      ? material
      : directory !== undefined && !host.startsWith("unix:")
        ? {
            ca: readFileSync(join(directory, "ca.pem"), "utf8"),
            cert: readFileSync(join(directory, "cert.pem"), "utf8"),
            key: readFileSync(join(directory, "key.pem"), "utf8"),
          }
        : {};
  return {
    host,
    ...Object.fromEntries(Object.entries(tls).filter(([, text]) => text !== undefined)),
    sshOptions: listOf(config.sshOpts).map(String),
    registryAuth: listOf(config.registryAuth).filter(
      (item): item is Props => typeof item === "object" && item !== null,
    ),
  };
}

/** Provider settings that are not texts arrive as JSON. */
function listOf(value: unknown): unknown[] {
  const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? parsed : [];
}

export class Engine {
  readonly docker: Docker;

  constructor(readonly config: EngineConfig) {
    this.docker = new Docker(dockerOptions(config));
  }

  /** Fails with one clear message when the engine does not answer. */
  async ping(): Promise<void> {
    try {
      await this.docker.ping();
    } catch (error) {
      throw new Error(unreachable(this.config.host, error as EngineReply), { cause: error });
    }
  }

  /** Credentials for a registry: the provider's `registryAuth`, else the user's Docker configuration file. */
  authFor(registry: string): RegistryAuth | undefined {
    const entry = this.config.registryAuth.find((auth) => hostOf(textOf(auth.address)) === registry);
    if (entry?.authDisabled === true) {
      return undefined;
    }
    if (entry && typeof entry.username === "string" && typeof entry.password === "string") {
      return { username: entry.username, password: entry.password, serveraddress: registry };
    }
    const content = textOf(entry?.configFileContent);
    return authFromFile(content === "" ? readConfigFile(textOf(entry?.configFile)) : content, registry);
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

function readConfigFile(path: string): string {
  const file =
    path === "" ? join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json") : path;
  try {
    return readFileSync(file.replace(/^~(?=\/)/, homedir()), "utf8");
  } catch {
    return "{}"; // No file, no credentials: pulls of public images need none.
  }
}

function authFromFile(content: string, registry: string): RegistryAuth | undefined {
  const { auths } = JSON.parse(content) as { auths?: Record<string, { auth?: string }> };
  const entry = Object.entries(auths ?? {}).find(([address]) => hostOf(address) === registry)?.[1];
  if (entry?.auth === undefined) {
    return undefined;
  }
  const pair = Buffer.from(entry.auth, "base64").toString();
  const colon = pair.indexOf(":");
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1), serveraddress: registry };
}

/** The registry that an image name names; Docker Hub when it names none. */
export function registryOf(image: string): string {
  const first = image.split("/")[0] ?? "";
  return image.includes("/") && /[.:]|^localhost$/.test(first) ? first : "index.docker.io";
}

function dockerOptions(config: EngineConfig): Docker.DockerOptions {
  const { host } = config;
  if (host.startsWith("unix://")) {
    return { socketPath: host.slice("unix://".length) };
  }
  const url = new URL(host);
  if (url.protocol === "ssh:") {
    // The host name is only a label: the agent makes each connection through ssh.
    return {
      host: "docker.invalid",
      port: 80,
      protocol: "http",
      agent: sshAgent(url, config.sshOptions),
    } as Docker.DockerOptions;
  }
  if (url.protocol !== "tcp:" && url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error(`docker host ${host}: expected unix://, tcp:// or ssh://`);
  }
  const { ca, cert, key } = config;
  const secure = key !== undefined || url.protocol === "https:";
  return {
    host: url.hostname,
    port: url.port === "" ? (secure ? 2376 : 2375) : Number(url.port),
    protocol: secure ? "https" : "http",
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
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
  return `cannot reach the Docker Engine at ${host}: ${why}. Start it (systemctl start docker), or set docker:host or DOCKER_HOST`;
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
