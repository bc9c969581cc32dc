/** ACME: the authority can reach what it asks for, and the DNS provider has what it needs. */
import { isIP } from "node:net";
import { type ConfigError, formatKey, setCommand } from "../errors";
import type { ParseContext } from "../context";
import type { CheckResult, Values } from "./check";

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

export function checkAcme(tls: Acme, values: Values, context: ParseContext): Partial<CheckResult> {
  const errors: ConfigError[] = [];
  const warnings: string[] = [];
  const key = (...path: string[]) => formatKey(context.project, path);
  const isPublic = tls.directory.startsWith("letsencrypt");

  const { domain, ports, edge } = values;
  if (
    domain !== undefined &&
    isPublic &&
    (isIP(domain) !== 0 || !domain.includes(".") || PRIVATE.test(domain))
  ) {
    errors.push({
      key: key("domain"),
      expected: "a public host name, since Let's Encrypt looks it up in the DNS",
      got: `"${domain}"`,
      fix: `Set it with: ${setCommand(context.project, ["domain"], "hub.example.org")} (or tls.kind to self-signed).`,
    });
  }
  if (edge?.userSubdomains === true && tls.challenge.kind !== "dns-01") {
    errors.push({
      key: key("tls", "challenge", "kind"),
      expected: "dns-01, the one challenge that wildcard certificates (edge.userSubdomains) are issued for",
      got: tls.challenge.kind,
      fix: `Set it with: ${setCommand(context.project, ["tls", "challenge"], { kind: "dns-01", provider: "cloudflare" })}`,
    });
  }
  if (tls.challenge.kind === "http-01" && ports !== undefined) {
    if (ports.http === false) {
      errors.push({
        key: key("ports", "http"),
        expected: "a port: with HTTP-01 the authority comes to port 80",
        got: "false",
        fix:
          `Set it with: ${setCommand(context.project, ["ports", "http"], 80)} (or choose another challenge with: ` +
          `${setCommand(context.project, ["tls", "challenge", "kind"], "tls-alpn-01")})`,
      });
    } else if (ports.http !== 80 && isPublic) {
      warnings.push(
        `${key("ports", "http")}: with HTTP-01 the authority comes to port 80: it has to be forwarded to ${ports.http}.`,
      );
    }
  }
  if (tls.challenge.kind === "tls-alpn-01" && ports !== undefined && ports.https !== 443 && isPublic) {
    warnings.push(
      `${key("ports", "https")}: with TLS-ALPN-01 the authority comes to port 443: it has to be forwarded to ${ports.https}.`,
    );
  }
  if (tls.challenge.kind === "dns-01") errors.push(...checkProvider(tls.challenge, context));
  return { errors, warnings };
}

function checkProvider({ provider, environment }: Dns01, context: ParseContext): ConfigError[] {
  const given = Object.keys(environment);
  const ways = NEEDED[provider];
  const isEnough =
    ways === undefined ? given.length > 0 : ways.some((names) => names.every((name) => given.includes(name)));
  if (isEnough) return [];
  const path = ["tls", "challenge", "environment"];
  const expected =
    ways === undefined
      ? `what the provider ${provider} needs (see https://go-acme.github.io/lego/dns/${provider}/)`
      : ways.map((names) => names.join(" and ")).join(", or ");
  const missing = ways?.[0]?.filter((name) => !given.includes(name)) ?? ["NAME"];
  return [
    {
      key: formatKey(context.project, path),
      expected,
      got: given.length === 0 ? "nothing" : `only ${given.sort().join(", ")}`,
      fix: `Set it with: ${missing
        .map((name) => setCommand(context.project, [...path, name], "<value>", { secret: true }))
        .join(" && ")}`,
    },
  ];
}
