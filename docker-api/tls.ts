/** TLS to a Docker Engine: which certificates, and what it means when the other side does not take them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Contents of the three files, in PEM, as Node.js names them. */
export interface TlsMaterial {
  /** Authority that signed the engine's certificate. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The three files, by their keys in the configuration. */
export interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Reads the files that the configuration names.
 * @throws the error of the file system, with the file's `path` in it.
 */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const read = (file: string): string => readFileSync(file, "utf8");
  return { ca: read(files.ca), cert: read(files.certificate), key: read(files.key) };
}

/** The certificates that DOCKER_CERT_PATH (or DOCKER_TLS_VERIFY alone: ~/.docker) names, as for the Docker CLI. */
export function environmentTls(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): TlsMaterial | undefined {
  const folder = env["DOCKER_CERT_PATH"] || (env["DOCKER_TLS_VERIFY"] ? join(home, ".docker") : "");
  if (folder === "") return undefined;
  const file = (name: string): string => join(folder, `${name}.pem`);
  return readTlsFiles({ ca: file("ca"), certificate: file("cert"), key: file("key") });
}

const UNKNOWN_AUTHORITY = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
]);

/**
 * What a failed connection says about the certificates, as a message with the key, what is expected and the way out; or
 * undefined where they are not the matter.
 * @param code of Node.js's error
 */
export function tlsProblem(host: string, code: string | undefined, detail: string): string | undefined {
  const key = (name: string): string => `jupyterhub:docker.${name}: expected`;
  if (UNKNOWN_AUTHORITY.has(code ?? "")) {
    return (
      `${key("tls.ca")} the authority that signed the certificate of ${host}, got another one (${detail}). ` +
      "Name the PEM file of the engine's tlscacert there."
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `${key("host")} a name in the engine's certificate, got ${host} (${detail}). Use a name of the certificate.`;
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return `${key("host")} an engine with a certificate that is valid now, got one at ${host} that is not (${detail}). Renew it there.`;
  }
  if (/^ERR_SSL_.*(ALERT|CERTIFICATE)/.test(code ?? "")) {
    return (
      `${key("tls.certificate")} a certificate that the engine at ${host} accepts, got one that it refuses (${detail}). ` +
      "Have it signed by the authority that the engine was started with (--tlscacert)."
    );
  }
  if (code === "EPROTO") {
    return `${key("host")} an engine that uses TLS, got ${host}, which does not (${detail}). Start it with --tlsverify.`;
  }
  return undefined;
}
