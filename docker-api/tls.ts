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
  if (folder === "") {
    return undefined;
  }
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

/** What is wrong with the way to an engine. */
export interface TlsProblem {
  /** The file that is at fault; the engine's address where none is. */
  readonly file?: "ca" | "certificate";
  readonly expected: string;
  readonly got: string;
  /** The way out. */
  readonly fix: string;
}

/**
 * What a failed connection says about the certificates, or undefined where they are not the matter.
 * @param code of Node.js's error
 */
export function tlsProblem(host: string, code: string | undefined, detail: string): TlsProblem | undefined {
  if (UNKNOWN_AUTHORITY.has(code ?? "")) {
    return {
      file: "ca",
      expected: `the authority that signed the certificate of ${host}`,
      got: `another one (${detail})`,
      fix: "Name the PEM file of the engine's tlscacert there.",
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      expected: "a name in the engine's certificate",
      got: `${host} (${detail})`,
      fix: "Use a name of the certificate.",
    };
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return {
      expected: "an engine with a certificate that is valid now",
      got: `one at ${host} that is not (${detail})`,
      fix: "Renew it there.",
    };
  }
  if (/^ERR_SSL_.*(ALERT|CERTIFICATE)/.test(code ?? "")) {
    return {
      file: "certificate",
      expected: `a certificate that the engine at ${host} accepts`,
      got: `one that it refuses (${detail})`,
      fix: "Have it signed by the authority that the engine was started with (--tlscacert).",
    };
  }
  if (code === "EPROTO") {
    return {
      expected: "an engine that uses TLS",
      got: `${host}, which does not (${detail})`,
      fix: "Start it with --tlsverify.",
    };
  }
  return undefined;
}
