import { request } from "node:http";
import { homedir, userInfo } from "node:os";
import * as pulumi from "@pulumi/pulumi";

import type { Kept } from "../components/generated";
import { engineFault } from "../config/engine-fault";
import { keyName } from "../config/keys";
import { credentialsIn } from "../config/values/credentials";
import { DEFAULT_HOST, loginInHost, socketPath } from "../docker-api/address";
import { type Address, dockerClient } from "../docker-api/client";
import { reasonOf } from "../docker-api/refusal";
import { environmentTls, readTlsFiles, type TlsFiles } from "../docker-api/tls";
import type { EngineInfo } from "./engine-state";

/** What the program knows of a Docker host before it plans anything. */
export interface Engine {
  /** Platform that images are built for, such as `linux/amd64`. */
  readonly platform: string;

  /** Path of the engine's socket, where the host is this machine; undefined for a remote host. */
  readonly localSocket: string | undefined;

  /** Whether networks can be kept from the Docker host itself: `gateway_mode_ipv4=isolated`, Docker 28 and newer. */
  readonly isolatedGateway: boolean;

  /** Folder on the host in which the engine keeps images, containers and volumes. */
  readonly dataFolder: string;

  /** Bytes of memory of the host. */
  readonly memory: number;

  /** Host name of the machine. */
  readonly name: string;

  /** Secrets that were found on it, of a stack whose state was lost and that is taken over. */
  readonly kept?: Kept | undefined;

  /** Whether it has a hub of this stack already. */
  readonly hasHub?: boolean;
}

/** With all that it said of itself. */
export interface InspectedEngine extends Engine {
  readonly info: EngineInfo;
}

/** A port published by a container on the Docker host. */
export interface PublishedPort {
  readonly port: number;
  /** Address it is published on; `0.0.0.0` for all. */
  readonly address: string;
  readonly container: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Addresses that a network of the engine has. */
export interface UsedSubnet {
  readonly subnet: string;
  /** What has them, for a message. */
  readonly owner: string;
  /** Of a network of Docker. */
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The Docker host: as configured, else as the environment says, else this machine. */
export function dockerHost(configured: string | undefined, environment: NodeJS.ProcessEnv): string {
  return configured ?? (environment["DOCKER_HOST"] || DEFAULT_HOST);
}

/**
 * The Docker host and the certificates for it: those of the configuration, and for the environment's host those of the
 * environment.
 * @throws pulumi.RunError where the environment names certificates that cannot be read, or a host with a login in it.
 */
export function dockerAddress(
  configured: { readonly host?: string | undefined; readonly tls?: TlsFiles | undefined },
  environment: NodeJS.ProcessEnv,
): Address {
  const host = dockerHost(configured.host, environment);
  // That of the configuration was looked at with all other addresses.
  const login = credentialsIn(host);
  if (login !== undefined) {
    throw new pulumi.RunError(loginInHost(login));
  }
  if (!host.startsWith("tcp://")) {
    return { host };
  }
  // The check of the configuration has read them already.
  if (configured.tls !== undefined) {
    return { host, tls: readTlsFiles(configured.tls) };
  }
  try {
    return { host, tls: environmentTls(environment, homedir()) };
  } catch (error) {
    throw new pulumi.RunError(
      `DOCKER_CERT_PATH: expected a folder with ca.pem, cert.pem and key.pem: ${(error as Error).message}`,
    );
  }
}

/** How to put right that the engine cannot be reached, by the code of the system's error. */
export function unreachable(host: string, code: string | undefined, detail: string): string {
  const socket = socketPath(host);
  const certificates = engineFault(host, code, detail);
  if (certificates !== undefined) {
    return certificates;
  }
  if (socket === undefined) {
    return (
      `${keyName("docker.host")}: expected a Docker Engine at ${host}, got no answer (${detail}). ` +
      "Check that the host is up and that `docker -H <host> version` works from this machine."
    );
  }
  if (code === "EACCES") {
    const user = userInfo().username;
    return (
      `No permission to use the Docker Engine at ${socket}. Let ${user} use it with: ` +
      `sudo usermod -aG docker ${user}   (then log in again, or run: newgrp docker)`
    );
  }
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    return (
      `No Docker Engine answers at ${socket}. Start it with: sudo systemctl start docker   ` +
      `(or run ./up, which installs and starts one; or name another host in ${keyName("docker.host")})`
    );
  }
  return `The Docker Engine at ${socket} does not answer: ${detail}`;
}

function localGet(socket: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, path, timeout: 10_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        try {
          resolve(JSON.parse(text));
        } catch {
          reject(new Error(`HTTP ${answer.statusCode ?? 0} from ${path}`));
        }
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer in 10 s")));
    call.on("error", reject);
    call.end();
  });
}

async function remoteGet(address: Address, path: string): Promise<unknown> {
  const docker = await dockerClient(address, 10_000);
  if (path === "/networks") {
    return docker.listNetworks();
  }
  return path === "/info" ? docker.info() : docker.listContainers();
}

/** Names of machines as the kernel has them, where images have others. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm/v7",
  i686: "386",
};

/** One GET to the Docker API of a host. */
async function get(address: Address, path: "/info" | "/containers/json" | "/networks"): Promise<unknown> {
  const { host } = address;
  const socket = socketPath(host);
  try {
    return await (socket === undefined ? remoteGet(address, path) : localGet(socket, path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const known = await reasonOf({ code, message }, address);
    throw new pulumi.RunError(unreachable(host, known.code, known.message));
  }
}

/**
 * Asks the engine what it is.
 *
 * @throws pulumi.RunError with the command that helps, when nothing answers or this user may not ask.
 */
export async function inspectEngine(address: Address): Promise<InspectedEngine> {
  const info = (await get(address, "/info")) as EngineInfo;
  return {
    platform: `${info.OSType}/${architectures[info.Architecture] ?? info.Architecture}`,
    isolatedGateway: Number.parseInt(info.ServerVersion, 10) >= 28,
    localSocket: socketPath(address.host),
    dataFolder: info.DockerRootDir,
    memory: info.MemTotal,
    name: info.Name,
    info,
  };
}

/** A network as the engine lists it. */
export interface ListedNetwork {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null } | null;
}

export const listNetworks = (address: Address): Promise<ListedNetwork[]> =>
  get(address, "/networks") as Promise<ListedNetwork[]>;

/** Those with chosen or given addresses. */
export function usedSubnets(networks: readonly ListedNetwork[]): UsedSubnet[] {
  return networks.flatMap(({ Name, Labels, IPAM }) =>
    (IPAM?.Config ?? []).flatMap(({ Subnet }) =>
      Subnet === undefined
        ? []
        : [{ subnet: Subnet, owner: `Docker's network ${Name}`, name: Name, labels: Labels ?? {} }],
    ),
  );
}

/** Ports that running containers publish on the host. */
export async function publishedPorts(address: Address): Promise<PublishedPort[]> {
  const containers = (await get(address, "/containers/json")) as {
    Names: string[];
    Labels: Record<string, string>;
    Ports: { IP?: string; PublicPort?: number; Type: string }[];
  }[];
  return containers.flatMap(({ Names, Labels, Ports }) =>
    Ports.flatMap(({ IP, PublicPort, Type }) =>
      PublicPort === undefined || Type !== "tcp"
        ? []
        : [
            {
              port: PublicPort,
              address: IP ?? "0.0.0.0",
              container: (Names[0] ?? "").replace(/^\//, ""),
              labels: Labels,
            },
          ],
    ),
  );
}
