/** The stack's outputs that set up DNS. */
import { isIP } from "node:net";

import type { HubConfig } from "../config";
import { type DnsArgs, dnsRecords, zoneFile } from "./dns-records";
import { otherDomains } from "./edge";
import type { DnsValues } from "./outputs";

/**
 * Where browsers find the hub: as configured, else the address that its ports are bound to, else the Docker host as it is
 * named, else the addresses of this machine.
 *
 * @param own addresses of this machine, for an engine that runs on it
 */
export function dnsTarget(config: HubConfig, own: readonly string[]): DnsArgs["target"] {
  const { ports, docker } = config;
  const configured = configuredTarget(config);
  if (configured !== undefined) {
    return configured;
  }
  if (ports.address !== "0.0.0.0" && ports.address !== "::") {
    return { addresses: isLoopback(ports.address) ? [] : [ports.address] };
  }
  const host = remoteHost(docker.host);
  if (host === undefined) {
    return { addresses: own };
  }
  if (isIP(host) !== 0) {
    return { addresses: [host] };
  }
  // A short name is one of an ssh configuration or a local network: nothing to lead people to.
  return host.includes(".") ? { name: host } : { addresses: [] };
}

/** Where the configuration says that browsers find the hub, if it does. */
export function configuredTarget({ dns }: HubConfig): DnsArgs["target"] | undefined {
  if (dns.target !== undefined) {
    return { name: dns.target };
  }
  return dns.addresses.length > 0 ? { addresses: dns.addresses } : undefined;
}

/** The host of an `ssh://` or `tcp://` address. */
function remoteHost(address: string | undefined): string | undefined {
  if (address === undefined || address.startsWith("unix:")) {
    return undefined;
  }
  return new URL(address).hostname.replace(/^\[|\]$/g, "");
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

/** The authority that may issue certificates: said, or Let's Encrypt where it is the one that is asked. */
function caaIssuer({ dns, tls }: HubConfig): string | undefined {
  return (
    dns.caaIssuer ?? (tls.kind === "acme" && tls.directory === "letsencrypt" ? "letsencrypt.org" : undefined)
  );
}

/** `dnsRecords` for a program, `zoneFile` for a person. */
export function dnsOutputs(config: HubConfig, target: DnsArgs["target"]): DnsValues {
  const records = dnsRecords({
    domain: config.domain,
    otherDomains: otherDomains(config),
    userSubdomains: config.edge.userSubdomains,
    target,
    caaIssuer: caaIssuer(config),
    ttl: config.dns.ttl,
  });
  return { dnsRecords: records, zoneFile: zoneFile(records) };
}
