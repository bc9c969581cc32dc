/** A Docker host for a script that Pulumi runs: handed over in the environment. */
import { homedir } from "node:os";
import type Docker from "dockerode";

import { DEFAULT_HOST } from "./address";
import { dockerClient } from "./client";
import { environmentTls, readTlsFiles, type TlsFiles, type TlsMaterial } from "./tls";

/** A Docker host as configured. */
export interface DockerAddress {
  /** Undefined for the environment's. */
  readonly host?: string | undefined;
  /** Paths of the files with the certificates for a `tcp://` host. The script reads what is in them. */
  readonly tls?: TlsFiles | undefined;
}

/** Variables for a script. None holds a secret. */
export function dockerEnvironment({ host, tls }: DockerAddress): Record<string, string> {
  return {
    ...(host === undefined ? {} : { DOCKER_HOST: host }),
    ...(tls === undefined ? {} : { TLS_CA: tls.ca, TLS_CERTIFICATE: tls.certificate, TLS_KEY: tls.key }),
  };
}

function certificates(env: NodeJS.ProcessEnv, host: string): TlsMaterial | undefined {
  const { TLS_CA: ca, TLS_CERTIFICATE: certificate, TLS_KEY: key } = env;
  if (ca && certificate && key) {
    return readTlsFiles({ ca, certificate, key });
  }
  return host.startsWith("tcp://") ? environmentTls(env, homedir()) : undefined;
}

/**
 * The Docker host of a script's environment: DOCKER_HOST, else this machine; for TLS the files of TLS_CA,
 * TLS_CERTIFICATE and TLS_KEY, or DOCKER_CERT_PATH.
 * @param timeout milliseconds without an answer after which a call fails. @default none
 */
export function environmentClient(env: NodeJS.ProcessEnv = process.env, timeout?: number): Promise<Docker> {
  const host = env["DOCKER_HOST"] || DEFAULT_HOST;
  return dockerClient({ host, tls: certificates(env, host) }, timeout);
}

/** A client for a Docker host as configured; what is not configured is as in the environment. */
export function configuredClient(address: DockerAddress, timeout?: number): Promise<Docker> {
  return environmentClient({ ...process.env, ...dockerEnvironment(address) }, timeout);
}
