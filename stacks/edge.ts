/** What the configuration says of the edge, in the components' terms. Pure, but for secrets. */
import type * as pulumi from "@pulumi/pulumi";

import type { Edge } from "../components/proxy/edge";
import type { ProxyTls } from "../components/proxy/reverse-proxy";
import type { TlsSecrets, TlsSource } from "../components/tls/tls-secrets";
import { type HubConfig, secretsFor } from "../config";
import { chainExpiry, daysBetween } from "../config/values/certificate";
import { without } from "../config/values/cidr";
import type { CertificateValues, Outputs } from "./outputs";
import { publicUrl } from "./urls";

/** The address that browsers use. Behind a load balancer it is the load balancer's. */
export function hubUrl({ domain, ports, tls, hub }: HubConfig): string {
  if (tls.kind !== "off") {
    return publicUrl(domain, ports.https, hub.baseUrl);
  }
  return publicUrl(domain, tls.port ?? (tls.scheme === "https" ? 443 : 80), hub.baseUrl, tls.scheme);
}

/**
 * Where the hub's pages are for whoever is at some other page: by a path, so that nobody is led to another of the hub's
 * names, or by its address, where people's servers have names of their own.
 */
export function hubPages({ edge, hub }: HubConfig, url: string): string {
  return `${edge.userSubdomains ? url : hub.baseUrl}hub/`;
}

/** Other names of the hub than its own. */
export function otherDomains({ edge }: HubConfig): string[] {
  return [...edge.servedDomains, ...edge.redirectedDomains];
}

/** Names that the certificate has to be for, the hub's own first; the order of the others means nothing. */
export function certificateNames(config: HubConfig): string[] {
  const wildcard = config.edge.userSubdomains ? [`*.${config.domain}`] : [];
  return [config.domain, ...[...otherDomains(config), ...wildcard].sort()];
}

/** Where certificate and key come from; undefined where the stack has none of its own. */
export function tlsSource(config: HubConfig, now: Date): TlsSource | undefined {
  const { tls } = config;
  switch (tls.kind) {
    case "self-signed":
      return { kind: tls.kind, names: certificateNames(config), days: tls.days, now };
    case "files":
      return { kind: tls.kind, certificate: tls.certificatePem, key: tls.keyPem };
    default:
      return undefined;
  }
}

interface Material {
  readonly certificate: pulumi.Input<string>;
  readonly key: pulumi.Input<string>;
}

/** What the proxy speaks. */
export function proxyTls(
  config: HubConfig,
  material: Material | undefined,
  volumes: () => Extract<ProxyTls, { kind: "acme" }>["volumes"],
): ProxyTls {
  const { tls } = config;
  switch (tls.kind) {
    case "self-signed":
    case "files":
      return { kind: "certificate", certificate: material?.certificate ?? "", key: material?.key ?? "" };
    case "acme": {
      const { challenge } = tls;
      const variables = challenge.kind === "dns-01" ? Object.entries(challenge.environment) : [];
      const secrets = secretsFor(config, "proxy");
      return {
        kind: tls.kind,
        resolver: {
          email: tls.email,
          directory: tls.directory,
          domains: certificateNames(config),
          challenge,
        },
        environment: Object.fromEntries(variables.map(([name, secret]) => [name, secrets[secret] ?? ""])),
        authority: tls.caCertificatePem,
        volumes: volumes(),
      };
    }
    case "off":
      return { kind: tls.kind };
  }
}

/** What requests go through. `notebooks`: the network that notebook servers have their addresses from. */
export function proxyEdge(config: HubConfig, url: string, notebooks: string): Edge {
  const { domain, edge } = config;
  const apiLogin = "apiLogin" in config.auth && config.auth.apiLogin === true;
  return { ...edge, domain, url, apiLogin, trustedProxies: trustedProxies(config, notebooks) };
}

/** Load balancers in front: those of the configuration, without addresses that notebook servers may have. */
export function trustedProxies({ tls }: HubConfig, notebooks: string): string[] {
  return [...new Set(tls.trustedProxies.flatMap((network) => without(network, notebooks)))].sort();
}

/** The authority, when the certificate ends and how many whole days are left; for ACME only the proxy knows. */
export function certificateOutputs(
  material: Pick<TlsSecrets, "certificate" | "caCertificate"> | undefined,
  now: Date,
): Outputs<CertificateValues> {
  if (material === undefined) {
    return {};
  }
  const expiry = material.certificate.apply(chainExpiry);
  const { caCertificate } = material;
  return {
    ...(caCertificate && { caCertificate }),
    certificateExpiry: expiry.apply((end) => end.toISOString()),
    certificateDaysLeft: expiry.apply((end) => daysBetween(now, end)),
  };
}
