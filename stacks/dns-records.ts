/** The DNS records that a hub needs. Pure: the same configuration gives the same list. */
import { isIP, isIPv4 } from "node:net";

export interface DnsRecord {
  /** Full name without the dot at its end: `hub.example.org`, `*.hub.example.org`. */
  readonly name: string;
  readonly type: "A" | "AAAA" | "CAA" | "CNAME";
  /** As it stands in a zone file; names without the dot at their end. */
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface DnsArgs {
  /** The hub's own name. */
  readonly domain: string;
  /** Other names of the hub. */
  readonly otherDomains: readonly string[];
  /** Whether people's servers have names below the hub's. */
  readonly userSubdomains: boolean;
  /** Where the hub is: addresses, or a name that it stands for. */
  readonly target: { readonly addresses: readonly string[] } | { readonly name: string };
  /** Name of the one authority that may issue certificates; none for no CAA record. */
  readonly caaIssuer: string | undefined;
  /** Seconds. */
  readonly ttl: number;
}

/** The records, the hub's own name first. None for a hub that has no name in the DNS. */
export function dnsRecords(args: DnsArgs): DnsRecord[] {
  const { domain, userSubdomains, target, caaIssuer, ttl } = args;
  if (isIP(domain) !== 0 || domain === "localhost" || domain.endsWith(".localhost")) {
    return [];
  }
  const record = (name: string, type: DnsRecord["type"], value: string): DnsRecord => ({
    name,
    type,
    value,
    ttl,
  });
  const located = (name: string): DnsRecord[] =>
    "name" in target
      ? [record(name, "CNAME", target.name)]
      : [...new Set(target.addresses)]
          .sort()
          .map((address) => record(name, isIPv4(address) ? "A" : "AAAA", address));

  const own = located(domain);
  if (own.length === 0) {
    return [];
  }
  const records = [...own];
  // A name with a CNAME can have no other record: for such a one the issuer is looked up where it leads.
  if (caaIssuer !== undefined && !("name" in target)) {
    records.push(record(domain, "CAA", `0 issue "${caaIssuer}"`));
    records.push(record(domain, "CAA", `0 issuewild "${userSubdomains ? caaIssuer : ";"}"`));
  }
  if (userSubdomains) {
    records.push(record(`*.${domain}`, "CNAME", domain));
  }
  for (const other of [...args.otherDomains].sort()) {
    // The top of a zone can have no CNAME. Names of two parts mostly are one.
    records.push(...(other.split(".").length > 2 ? [record(other, "CNAME", domain)] : located(other)));
  }
  return records;
}

/** The records as lines of a zone file, names in full. */
export function zoneFile(records: readonly DnsRecord[]): string {
  return records
    .map(
      ({ name, type, value, ttl }) => `${name}. ${ttl} IN ${type} ${value}${type === "CNAME" ? "." : ""}\n`,
    )
    .join("");
}
