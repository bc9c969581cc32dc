import { createHash } from "node:crypto";

import { type Setting, some } from "./setting";

/** Folder of ACME accounts and certificates; a volume that outlives the stack. */
export const ACME_DIRECTORY = "/srv/acme";

/** Folder of the DNS provider's secrets and the directory's authority; a volume that does not. */
export const ACME_FILES = "/srv/acme-files";

/** Names of the files in it. */
export const acmeFiles = { environment: "environment", authority: "authority.pem" } as const;

const DIRECTORIES: Readonly<Record<string, string>> = {
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

export type AcmeChallenge =
  | { readonly kind: "http-01" }
  | { readonly kind: "tls-alpn-01" }
  | {
      readonly kind: "dns-01";
      /** Name of the provider in lego. */
      readonly provider: string;
      /** DNS servers, with ports; none for the host's. */
      readonly resolvers: readonly string[];
      /** Seconds before the record is looked for. */
      readonly delay: number;
      /** Whether the zone's own name servers are asked. */
      readonly checkNameservers: boolean;
    };

/** How Traefik gets certificates by itself. */
export interface AcmeResolver {
  readonly email: string;
  /** `letsencrypt`, `letsencrypt-staging` or the address of a directory. */
  readonly directory: string;
  /** Names that one certificate is for, the hub's own first. */
  readonly domains: readonly string[];
  readonly challenge: AcmeChallenge;
  /** Whether the directory's own certificate is from an authority in `ACME_FILES`. */
  readonly ownAuthority: boolean;
}

/**
 * File of the account and the certificates. Each directory has its own: certificates of the staging directory would
 * otherwise be served on after the switch, until they end.
 */
export function storage(directory: string): string {
  const name =
    directory in DIRECTORIES ? directory : createHash("sha256").update(directory).digest("hex").slice(0, 16);
  return `${ACME_DIRECTORY}/${name}.json`;
}

const challenges: {
  readonly [K in AcmeChallenge["kind"]]: (challenge: Extract<AcmeChallenge, { kind: K }>) => Setting[];
} = {
  "http-01": () => [["httpChallenge.entryPoint", "web"]],
  "tls-alpn-01": () => [["tlsChallenge", "true"]],
  "dns-01": ({ provider, resolvers, delay, checkNameservers }) => [
    ["dnsChallenge.provider", provider],
    ...some(resolvers.length > 0, "dnsChallenge.resolvers", resolvers.join(",")),
    ...some(delay > 0, "dnsChallenge.propagation.delayBeforeChecks", `${delay}s`),
    ...some(!checkNameservers, "dnsChallenge.propagation.disableANSChecks", "true"),
  ],
};

/** What gives the main entry point certificates by ACME. */
export function acmeSettings({
  email,
  directory,
  domains,
  challenge,
  ownAuthority,
}: AcmeResolver): Setting[] {
  const [main = "", ...others] = domains;
  const resolver: Setting[] = [
    ["email", email],
    ["caServer", DIRECTORIES[directory] ?? directory],
    ["storage", storage(directory)],
    // Small and fast, and every browser of the last ten years has it.
    ["keyType", "EC256"],
    ...some(ownAuthority, "caCertificates", `${ACME_FILES}/${acmeFiles.authority}`),
    ...(challenges[challenge.kind] as (challenge: AcmeChallenge) => Setting[])(challenge),
  ];
  return [
    // The hub's routers name no host, so the names come from here.
    ["entryPoints.websecure.http.tls.certResolver", "acme"],
    ["entryPoints.websecure.http.tls.domains[0].main", main],
    ...some(others.length > 0, "entryPoints.websecure.http.tls.domains[0].sans", others.join(",")),
    ...resolver.map(([path, value]): Setting => [`certificatesResolvers.acme.acme.${path}`, value]),
  ];
}

/**
 * Variables as a shell reads them: `NAME='value'`. Traefik gets its DNS provider's secrets so, since not every provider
 * takes files, and variables of a container can be read by everybody who may look at it.
 */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.keys(variables)
    .sort()
    .map((name) => `${name}='${(variables[name] ?? "").replaceAll("'", "'\\''")}'\n`)
    .join("");
}
