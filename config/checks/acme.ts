/** ACME: the authority can reach what it asks for, and the DNS provider has what it needs. */
import { isIP } from "node:net";

import type { Report, Values } from "./report";
import { own, words } from "./words";

type Acme = Extract<NonNullable<Values["tls"]>, { kind: "acme" }>;
type Dns01 = Extract<Acme["challenge"], { kind: "dns-01" }>;

/** What common providers take, each line a way that works by itself. Of others it is only known that they take something. */
const NEEDED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  cloudflare: [["CF_DNS_API_TOKEN"], ["CLOUDFLARE_DNS_API_TOKEN"], ["CF_API_EMAIL", "CF_API_KEY"]],
  desec: [["DESEC_TOKEN"]],
  digitalocean: [["DO_AUTH_TOKEN"]],
  gandiv5: [["GANDIV5_PERSONAL_ACCESS_TOKEN"], ["GANDIV5_API_KEY"]],
  godaddy: [["GODADDY_API_KEY", "GODADDY_API_SECRET"]],
  hetzner: [["HETZNER_API_TOKEN"], ["HETZNER_API_KEY"]],
  infomaniak: [["INFOMANIAK_ACCESS_TOKEN"]],
  ionos: [["IONOS_API_KEY"]],
  netcup: [["NETCUP_CUSTOMER_NUMBER", "NETCUP_API_KEY", "NETCUP_API_PASSWORD"]],
  rfc2136: [["DNSUPDATE_NAMESERVER"], ["RFC2136_NAMESERVER"]],
  route53: [["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
};

/** Names that no public authority vouches for. */
const PRIVATE = /(^|\.)(localhost|local|internal|test|example|invalid|lan|home\.arpa)$/;

export function checkAcme(tls: Acme, { domain, ports, edge }: Values, report: Report): void {
  const isPublic = tls.directory.startsWith("letsencrypt");
  const { challenge } = tls;
  if (
    domain !== undefined &&
    isPublic &&
    (isIP(domain) !== 0 || !domain.includes(".") || PRIVATE.test(domain))
  ) {
    report.refuse(["domain"], words`a public host name, since Let's Encrypt looks it up in the DNS`, {
      or: words`tls.kind to self-signed`,
    });
  }
  if (edge?.userSubdomains === true && challenge.kind !== "dns-01") {
    report.refuse(
      ["tls", "challenge", "kind"],
      words`dns-01, the only challenge for wildcard certificates (edge.userSubdomains)`,
      {
        fix: words`Set it with: ${report.set(["tls", "challenge"], { kind: "dns-01", provider: "cloudflare" })}`,
      },
    );
  }
  if (challenge.kind === "http-01" && ports !== undefined) {
    const path = ["ports", "http"];
    if (ports.http === false) {
      report.refuse(path, words`a port: with HTTP-01 the authority connects to port 80`, {
        set: 80,
        or: words`choose another challenge with: ${report.set(["tls", "challenge", "kind"], "tls-alpn-01")}`,
      });
    } else if (ports.http !== 80 && isPublic) {
      report.warn(
        words`${report.key(path)}: with HTTP-01 the authority connects to port 80, which has to be forwarded to ${report.value(path, String(ports.http))}.`,
      );
    }
  }
  if (challenge.kind === "tls-alpn-01" && ports !== undefined && ports.https !== 443 && isPublic) {
    const path = ["ports", "https"];
    report.warn(
      words`${report.key(path)}: with TLS-ALPN-01 the authority connects to port 443, which has to be forwarded to ${report.value(path, String(ports.https))}.`,
    );
  }
  if (challenge.kind === "dns-01") {
    checkProvider(challenge, report);
  }
}

function checkProvider({ provider, environment }: Dns01, report: Report): void {
  const given = Object.keys(environment).sort();
  const ways = NEEDED[provider];
  const isEnough =
    ways === undefined ? given.length > 0 : ways.some((names) => names.every((name) => given.includes(name)));
  if (isEnough) {
    return;
  }
  const path = ["tls", "challenge", "environment"];
  const shown = report.value(["tls", "challenge", "provider"], provider);
  const expected =
    ways === undefined
      ? words`what the provider ${shown} needs (see https://go-acme.github.io/lego/dns/${shown}/)`
      : own(ways.map((names) => names.join(" and ")).join(", or "));
  const missing = ways?.[0]?.filter((name) => !given.includes(name)) ?? ["NAME"];
  const commands = missing.map((name) => report.set([...path, name], "<value>")).join(" && ");
  report.refuse(path, expected, {
    got: given.length === 0 ? words`nothing` : words`only ${own(given.join(", "))}`,
    fix: words`Set it with: ${own(commands)}`,
  });
}
