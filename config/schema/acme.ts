/** `tls.challenge`: how an ACME authority is shown that the domain is ours. */
import { z } from "zod";

import { ENVIRONMENT_NAME, flag, key, oneKind, PROXY_REPLACED, secret } from "./key";

/** Good enough to find what is none: the authority decides what it takes. */
export const EMAIL = /^[^\s@<>"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
export const DIRECTORY_URL = /^https:\/\/[^\s/]+\/\S*$/;
const DNS_PROVIDER = /^[a-z0-9][a-z0-9-]*$/;
const RESOLVER = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$/;

const http01 = z.strictObject({ kind: z.literal("http-01") });
const tlsAlpn01 = z.strictObject({ kind: z.literal("tls-alpn-01") });
const dns01 = z.strictObject({
  kind: z.literal("dns-01"),
  provider: key(z.string().regex(DNS_PROVIDER), {
    description:
      "Name of the DNS provider in lego, Traefik's ACME client: `cloudflare`, `route53`, `hetzner`, " +
      "`rfc2136` (BIND and others), … The full list is at https://go-acme.github.io/lego/dns/.",
    expected: "the name of a DNS provider, such as cloudflare, route53 or rfc2136",
    example: "cloudflare",
    change: PROXY_REPLACED,
  }),
  environment: key(
    z
      .record(
        z.string().regex(ENVIRONMENT_NAME),
        secret({
          for: ["proxy"],
          description: "Value of the variable.",
          expected: "text",
          example: "<the token>",
        }),
      )
      .default({}),
    {
      description:
        "Variables that the provider needs, as lego's documentation names them: a token, a key, a server. They reach only the " +
        "proxy, as files.",
      expected: "a map of environment variables",
      example: { CF_DNS_API_TOKEN: "<the token>" },
      change: PROXY_REPLACED,
    },
  ),
  resolvers: key(
    z
      .array(
        key(z.string().regex(RESOLVER), {
          description: "A DNS server, with its port.",
          expected: "a DNS server, such as 1.1.1.1:53",
          example: "1.1.1.1:53",
        }),
      )
      .default([]),
    {
      description: "DNS servers that are asked for the zone and for the record.",
      otherwise: "those of the Docker host",
      expected: "a list of DNS servers, such as 1.1.1.1:53",
      example: ["1.1.1.1:53"],
      change: PROXY_REPLACED,
    },
  ),
  delay: key(z.int().min(0).max(3600).default(0), {
    description: "Seconds to wait before checking for the record, for providers that are slow to publish it.",
    expected: "a whole number of seconds from 0 to 3600",
    example: 30,
    change: PROXY_REPLACED,
  }),
  checkNameservers: flag({
    description:
      "Wait until the zone's own name servers have the record before asking the authority to check it. `false` where the Docker " +
      "host can't reach them.",
    example: false,
    change: PROXY_REPLACED,
  }).default(true),
});

export const challenge = oneKind([http01, tlsAlpn01, dns01], {
  description:
    "How you prove to the authority that the domain is yours. `http-01`: it connects to port 80. `tls-alpn-01`: it connects to " +
    "port 443. `dns-01`: a record in your DNS; the only way to get wildcards, or a certificate for a hub that the internet can't reach.",
  example: { kind: "tls-alpn-01" },
  change: PROXY_REPLACED,
}).prefault({ kind: "http-01" });
