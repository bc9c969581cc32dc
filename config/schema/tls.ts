/** `tls`: where the certificate comes from. */
import { z } from "zod";

import { ipVersion } from "../values/cidr";
import { challenge, DIRECTORY_URL, EMAIL } from "./acme";
import { key, oneKind, oneOf, PROXY_REPLACED } from "./key";

const isNetwork = (value: string) => {
  const [address = "", length, ...rest] = value.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[ipVersion(address)] ?? -1;
  return (
    rest.length === 0 &&
    bits > 0 &&
    (length === undefined || (/^[0-9]{1,3}$/.test(length) && +length <= bits))
  );
};

/** An address, or a network in CIDR notation. */
export const network = () =>
  key(z.string().refine(isNetwork), {
    description: "An address, or a network in CIDR notation.",
    expected: "an IP address or a network, such as 192.0.2.0/24",
    example: "192.0.2.0/24",
  });

/** Trusting everybody is trusting nobody's address. */
const isLoadBalancer = (value: string) => isNetwork(value) && !value.endsWith("/0");

const loadBalancer = key(z.string().refine(isLoadBalancer), {
  description: "An address, or a network in CIDR notation; not one that everybody is in.",
  expected: "an IP address or a network of load balancers that not everybody is in, such as 192.0.2.0/24",
  example: "192.0.2.0/24",
});

/** Load balancers and networks like Cloudflare's that open TLS, and come on with TLS of their own. */
const trustedProxies = key(z.array(loadBalancer).default([]), {
  description:
    "Addresses of load balancers in front that connect with TLS. `X-Forwarded-For` is trusted from them alone: the " +
    "visitor is the last address in it that is not one of theirs. Each load balancer has to add the address that it " +
    "sees, without a port. Limits, `edge.allow`, lockouts and the log use the visitor's address.",
  expected: "a list of addresses or networks",
  example: ["192.0.2.0/24"],
  change: "Hub and proxy are replaced.",
});

const selfSigned = z.strictObject({
  kind: z.literal("self-signed"),
  days: key(z.int().min(1).max(825).default(365), {
    description:
      "Days that the generated certificate is valid. Browsers refuse more than 825. The first `pulumi up` in the last " +
      "third of them renews it, from the same authority.",
    expected: "a whole number of days from 1 to 825",
    example: 90,
    change: "A new certificate is created.",
  }),
  trustedProxies,
});

const files = z.strictObject({
  kind: z.literal("files"),
  certificate: key(z.string().min(1), {
    description:
      "PEM file with the server's certificate first, then the intermediate certificates. " +
      "Relative to the folder of `Pulumi.yaml`.",
    expected: "the path of a PEM file with the certificate and its chain",
    example: "./tls/fullchain.pem",
    change: "The new certificate is put in place.",
  }),
  key: key(z.string().min(1), {
    description: "PEM file with the certificate's private key, without a passphrase.",
    expected: "the path of a PEM file with the private key",
    example: "./tls/privkey.pem",
    change: "The new key is put in place.",
  }),
  trustedProxies,
});

const acme = z.strictObject({
  kind: z.literal("acme"),
  email: key(z.string().regex(EMAIL), {
    description: "E-mail address of the ACME account, which the authority writes to when something is wrong.",
    expected: "the e-mail address of whoever looks after the hub",
    example: "admin@example.org",
    change: PROXY_REPLACED,
  }),
  directory: key(
    z
      .union([z.enum(["letsencrypt", "letsencrypt-staging"]), z.string().regex(DIRECTORY_URL)])
      .default("letsencrypt"),
    {
      description:
        "Who issues the certificate: `letsencrypt`, `letsencrypt-staging` (for tests: browsers do not trust it, " +
        "and its rate limits are high), or the address of another ACME directory. Each has its own account and certificates.",
      expected: "letsencrypt, letsencrypt-staging, or the https:// address of an ACME directory",
      example: "letsencrypt-staging",
      change: PROXY_REPLACED,
    },
  ),
  caCertificate: key(z.string().min(1).optional(), {
    description:
      "PEM file with the authority that signed the directory's own certificate, if that is a private one. " +
      "Relative to the folder of `Pulumi.yaml`.",
    otherwise: "the authorities that Traefik's image trusts",
    expected: "the path of a PEM file with the authority of the directory's own certificate",
    example: "./tls/acme-directory-ca.pem",
    change: PROXY_REPLACED,
  }),
  challenge,
  trustedProxies,
});

const off = z.strictObject({
  kind: z.literal("off"),
  trustedProxies: key(z.array(loadBalancer).min(1), {
    description:
      "Addresses of the load balancers in front, which terminate TLS. `X-Forwarded-For` is trusted from them alone: the " +
      "visitor is the last address in it that is not one of theirs. Each load balancer has to add the address that it " +
      "sees, without a port. Limits, `edge.allow`, lockouts and the log use the visitor's address.",
    expected: "a list of addresses or networks, with at least one",
    example: ["192.0.2.0/24"],
    change: "Hub and proxy are replaced.",
  }),
  scheme: oneOf(["https", "http"], {
    description: "How browsers reach the load balancer. `http` sends passwords in clear text.",
    example: "https",
    change: "Hub and proxy are replaced.",
  }).default("https"),
  port: key(z.int().min(1).max(65535).optional(), {
    description: "Port of the load balancer that browsers use.",
    otherwise: "443 for `https`, 80 for `http`",
    expected: "a port from 1 to 65535",
    example: 8443,
    change: "The hub is replaced.",
  }),
});

export const tls = oneKind([selfSigned, files, acme, off], {
  description:
    "Where the certificate comes from. `self-signed`: one is generated, and browsers warn until they trust its " +
    "authority. `files`: PEM files on the machine that runs Pulumi; key, names, chain and expiry are checked. " +
    "`acme`: Let's Encrypt or another ACME authority, renewed by the proxy itself. `off`: none, behind a load " +
    "balancer that terminates TLS; the proxy then listens on `ports.http` only.",
  example: { kind: "files", certificate: "./tls/fullchain.pem", key: "./tls/privkey.pem" },
  change: "A new certificate is put in place.",
}).prefault({ kind: "self-signed" });
