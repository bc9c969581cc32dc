import { X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";

import * as apt from "../../apt";
import { run, type Say } from "../../command";
import { SetupError } from "../../errors";
import { findProgram, type Machine, searchPath } from "../../machine";

export const SUITE = "trixie";

// What a slim image leaves out. Licences stay.
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*"];

/**
 * Makes a small Debian image from Debian's packages and gives it to the engine. Besides the official image's packages
 * it has ca-certificates and trusts the certificate authorities that this machine was given, so that apt and pip work
 * in it wherever they work here.
 * @param name for example `debian:trixie-slim`.
 * @param architecture the engine's, which has to be this machine's own.
 */
export async function buildDebian(
  machine: Machine,
  docker: Docker,
  name: string,
  architecture: string,
  say: Say,
): Promise<void> {
  const here = { x64: "amd64", arm64: "arm64" }[process.arch as string];
  if (here !== architecture) {
    throw new SetupError(
      `${name}: expected an engine of this machine's architecture (${here ?? process.arch}) to build it for, found ${architecture}.`,
      `docker pull ${name}     on the engine's machine`,
    );
  }
  if (!findProgram("mmdebstrap", searchPath(machine))) {
    await apt.install(machine, ["mmdebstrap", "debian-archive-keyring", "ca-certificates"], say);
  }
  const folder = mkdtempSync(join(tmpdir(), "jupyterhub-debian-"));
  try {
    const authorities = join(folder, "authorities");
    mkdirSync(authorities);
    for (const [i, certificate] of ownAuthorities(machine).entries()) {
      const file = join(authorities, `machine-${i + 1}.crt`);
      writeFileSync(file, certificate);
      // It is copied with its mode, and everybody in the image has to read it.
      chmodSync(file, 0o644);
    }
    chmodSync(authorities, 0o755);
    const archive = join(folder, "image.tar");
    const args = [
      "--variant=minbase",
      "--include=ca-certificates",
      ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      `--customize-hook=copy-in "${authorities}" /usr/local/share/ca-certificates`,
      '--customize-hook=chroot "$1" update-ca-certificates',
      // The builder's own name is not the container's.
      '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf"',
      SUITE,
      archive,
      ...mirrors(readSources(), SUITE),
    ];
    say(`building ${name} with mmdebstrap (about 20 s)`);
    // The same packages give the same files, whenever it is built.
    await run("mmdebstrap", args, { machine, env: { SOURCE_DATE_EPOCH: "1754697600" } });
    const [repo, tag] = name.split(":");
    say(`importing ${name}`);
    const changes = ['CMD ["bash"]', "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    const stream = await docker.importImage(archive, { repo, tag, changes });
    await finished(docker, stream);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for an answer that the engine streams, and throws what it reports as an error. */
export async function finished(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  say?: (event: unknown) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null): void => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    };
    docker.modem.followProgress(stream, done, say);
  });
}

/** Certificate authorities that this machine trusts and Debian's ca-certificates does not carry, as PEM. */
function ownAuthorities(machine: Machine): string[] {
  const bundles = [
    machine.env.SSL_CERT_FILE,
    machine.env.NODE_EXTRA_CA_CERTS,
    "/etc/ssl/certs/ca-certificates.crt",
  ];
  const trusted = bundles
    .filter((file) => file !== undefined && existsSync(file))
    .map((file) => readFileSync(file as string, "utf8"));
  return difference(
    trusted.flatMap(splitPem),
    certificatesIn("/usr/share/ca-certificates").flatMap(splitPem),
  );
}

function certificatesIn(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(".crt") && statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"));
}

/** The certificates in a PEM text, each as its own text. */
export function splitPem(text: string): string[] {
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => `${pem}\n`,
  );
}

/** Certificates of the first list that the second does not have, each once, whatever its line breaks. */
export function difference(certificates: readonly string[], known: readonly string[]): string[] {
  const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256;
  const seen = new Set(known.map(fingerprint));
  return certificates.filter((pem) => {
    const own = fingerprint(pem);
    const isNew = !seen.has(own);
    seen.add(own);
    return isNew;
  });
}

function readSources(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ["/etc/apt/sources.list", ...files]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n\n");
}

/**
 * Lines for sources.list that name another suite at the mirrors this machine uses. None where it names no Debian
 * mirror (on Ubuntu, for example): mmdebstrap then takes Debian's own.
 * @param sources the machine's apt sources, in either of apt's formats.
 */
export function mirrors(sources: string, wanted: string): string[] {
  const addresses = sources
    .split("\n")
    .filter((line) => /^(URIs:|deb\s)/.test(line))
    .flatMap((line) => line.match(/\bhttps?:\/\/\S+/g) ?? [])
    .map((address) => address.replace(/\/$/, ""));
  const main = addresses.find((address) => address.endsWith("/debian"));
  const security = addresses.find((address) => address.endsWith("/debian-security"));
  if (!main) {
    return [];
  }
  return [
    `deb ${main} ${wanted} main`,
    `deb ${main} ${wanted}-updates main`,
    ...(security ? [`deb ${security} ${wanted}-security main`] : []),
  ];
}
