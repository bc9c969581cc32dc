import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import Docker from "dockerode";
import { parse } from "yaml";

import { addressAt, parseCidr } from "../../config/values/cidr";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { Visitor } from "./servers/visitor";

type Keys = Record<string, unknown>;

const isMap = (value: unknown): value is Keys =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys with some of them replaced: maps are merged, unless their kinds differ; undefined takes a key away. */
export function replaced(keys: Keys, changes: Keys): Keys {
  const merged = { ...keys };
  for (const [key, value] of Object.entries(changes)) {
    const old = keys[key];
    const sameKind = isMap(old) && isMap(value) && (!("kind" in value) || value["kind"] === old["kind"]);
    merged[key] = sameKind ? replaced(old, value) : value;
    if (value === undefined) {
      Reflect.deleteProperty(merged, key);
    }
  }
  return merged;
}

/** A stack of `examples/`, brought up by its own file, with what cannot be had here replaced. */
export class Example {
  readonly #visitors: Visitor[] = [];
  readonly #clients: HubClient[] = [];
  #ca = "";

  private constructor(
    readonly deployment: Deployment,
    private readonly file: Keys,
  ) {}

  /** A copy of the project, with nothing running yet. */
  static async create(folder: string): Promise<Example> {
    const deployment = await Deployment.create({}, { installed: true });
    const name = folder.replace(/^\d+-/, "");
    const file = parse(await deployment.read(`examples/${folder}/Pulumi.${name}.yaml`)) as { config: Keys };
    const keys = Object.entries(file.config).map(([key, value]) => [key.replace("jupyterhub:", ""), value]);
    return new Example(deployment, Object.fromEntries(keys) as Keys);
  }

  get url(): string {
    return this.deployment.url;
  }

  /**
   * Brings it up.
   * @param changes what is replaced; name, address and ports are anyway
   * @param ca the authority of its certificate, where it is not the stack's own
   */
  async up(changes: Keys, ca?: string): Promise<string> {
    const { name, ports } = this.deployment;
    const place = { name, domain: "localhost", ports: { ...ports, address: "127.0.0.1" } };
    // What is tested here is not how fast a busy machine starts a server.
    const servers = { startTimeout: "4m", httpTimeout: "4m" };
    const moved = replaced(this.file, { ...place, servers });
    await this.deployment.configure(replaced(moved, changes));
    const { output } = await this.deployment.up();
    this.#ca = ca ?? (await this.deployment.caCertificate());
    return output;
  }

  /** @param ca authorities of login services */
  visitor(...ca: string[]): Visitor {
    const visitor = new Visitor([this.#ca, ...ca]);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** The hub's API and the server of somebody who is logged in. */
  async client(visitor: Visitor): Promise<HubClient> {
    const name = (await visitor.whoami(this.url))?.name ?? "";
    const client = new HubClient(this.url, this.#ca, name);
    client.useToken(await visitor.token(this.url, name));
    this.#clients.push(client);
    return client;
  }

  /** The container of somebody's server. */
  async server(user: string): Promise<Docker.ContainerInspectInfo> {
    const [found] = await this.servers(user);
    if (found === undefined) {
      throw new Error(`no server of ${user} runs`);
    }
    return this.deployment.docker.getContainer(found.Id).inspect();
  }

  /** Containers of all servers, or of somebody's. */
  servers(user?: string): Promise<Docker.ContainerInfo[]> {
    const owner = user === undefined ? [] : [`org.jupyterhub.user=${user}`];
    const label = [`${STACK_LABEL}=${this.deployment.name}`, `${ROLE_LABEL}=user`, ...owner];
    return this.deployment.docker.listContainers({ all: true, filters: { label } });
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#visitors, ...this.#clients].map((one) => one.close()));
    await this.deployment.remove();
  }
}

/** An image that could have been pulled: the project's own notebook image under another name. */
export async function notebookImage(): Promise<{ readonly name: string; remove(): Promise<void> }> {
  const docker = new Docker();
  const name = `jh-e2e-example-${randomBytes(3).toString("hex")}:2026-10-05`;
  const context = join(__dirname, "..", "..", "images", "notebook");
  // All of it before the build: Node.js drops what a program that has ended has written when nobody reads it yet.
  const { stdout } = await promisify(execFile)("tar", ["-c", "-C", context, "."], {
    encoding: "buffer",
    maxBuffer: 64 * 1024 ** 2,
  });
  const stream = await docker.buildImage(
    Readable.from([stdout]),
    // BuildKit, as the stack's own images are built.
    { t: name, version: "2", abortSignal: AbortSignal.timeout(600_000) },
  );
  await new Promise<void>((resolve, reject) => {
    const ended = (error: Error | null, events: readonly { readonly error?: string }[] | null): void => {
      const problem = error?.message ?? events?.find((event) => event.error !== undefined)?.error;
      if (problem === undefined) {
        resolve();
      } else {
        reject(new Error(`${name} does not build: ${problem}`));
      }
    };
    docker.modem.followProgress(stream, ended);
  });
  return {
    name,
    remove: async () => {
      await docker.getImage(name).remove();
    },
  };
}

/**
 * Address of the Docker host that containers and tests reach. An engine that has made its bridge itself in this run does
 * not tell it; it is the first one then.
 */
export async function hostAddress(): Promise<string> {
  const bridge = (await new Docker().getNetwork("bridge").inspect()) as {
    IPAM: { Config: { Gateway?: string; Subnet?: string }[] };
  };
  const config = bridge.IPAM.Config.find(({ Gateway, Subnet = "" }) => Gateway ?? parseCidr(Subnet));
  const network = parseCidr(config?.Subnet ?? "");
  const address = config?.Gateway ?? (network && addressAt(network, 1));
  if (address === undefined) {
    throw new Error("Docker's network `bridge` has no IPv4 address");
  }
  return address;
}
