/** `edge`: what the proxy lets in, and what it adds to answers. */
import { z } from "zod";

import { flag, HOST_NAME, key, oneOf, PROXY_REPLACED, section, size } from "./key";
import { network } from "./tls";

const AT_ONCE = "The proxy applies it at once; nothing restarts.";

const hsts = section(
  {
    seconds: key(z.int().min(0).max(63_072_000).default(31_536_000), {
      description: "How long browsers remember to use HTTPS only; 0 makes them forget.",
      expected: "a whole number of seconds from 0 to 63072000 (two years)",
      example: 15_552_000,
      change: AT_ONCE,
    }),
    subdomains: flag({
      description: "Whether it also applies to all names below the domain.",
      example: true,
      change: AT_ONCE,
    }).default(false),
    preload: flag({
      description: "Allow browsers to build it in (hstspreload.org). This is hard to undo.",
      example: true,
      change: AT_ONCE,
    }).default(false),
  },
  {
    description:
      "The header `Strict-Transport-Security`, which tells browsers to use HTTPS only. It is never sent for `localhost`, where it would affect every other program.",
    example: { seconds: 15_552_000 },
    change: AT_ONCE,
  },
).prefault({});

const whole = (description: string, example: number) =>
  key(z.int().min(1).max(1_000_000), {
    description,
    expected: "a whole number of at least 1",
    example,
    change: AT_ONCE,
  });

const domains = (description: string) =>
  key(
    z
      .array(
        key(
          z
            .string()
            .regex(HOST_NAME)
            .transform((value) => value.toLowerCase()),
          {
            description: "A host name.",
            expected: "a host name, without https://, port or path",
            example: "jupyter.example.org",
          },
        ),
      )
      .default([]),
    {
      description,
      expected: "a list of host names",
      example: ["jupyter.example.org"],
      change: "A self-signed certificate is recreated; with ACME, the proxy is replaced.",
    },
  );

export const edge = section(
  {
    minimumTls: oneOf(["1.2", "1.3"], {
      description:
        "Oldest TLS version that is accepted. 1.2 is limited to ciphers with forward secrecy and authentication.",
      example: "1.3",
      change: AT_ONCE,
    }).default("1.2"),
    hsts,
    securityHeaders: flag({
      description:
        "Add the headers `X-Content-Type-Options`, `X-Frame-Options`, `Referrer-Policy`, `Permissions-Policy` and " +
        "`X-Robots-Tag`. The hub and JupyterLab set their own content security policies.",
      example: false,
      change: AT_ONCE,
    }).default(true),
    allow: key(z.array(network()).default([]), {
      description: "Addresses that may connect; an empty list allows all. Others get 403.",
      expected: "a list of addresses or networks",
      example: ["192.0.2.0/24", "2001:db8::/32"],
      change: AT_ONCE,
    }),
    maxBodySize: key(
      z
        .union([
          size(25 * 1024 ** 2, {
            description: "Largest body of one request.",
            expected: "a size",
            example: "64m",
          }),
          z.literal(false),
        ])
        .prefault("100m"),
      {
        description:
          "Largest body of one request, by its `Content-Length`; larger ones get 413. `false` for no limit. Requests to the " +
          "hub itself may have at most 10 MB, also chunked ones. Chunked requests to a person's server are limited by that server alone. Uploads " +
          "in JupyterLab are sent in pieces of 1 MB, so they have no limit; saving a notebook is one request.",
        expected: "a size of at least 25m, such as 64m or 1g, or false for no limit",
        example: "64m",
        change: AT_ONCE,
      },
    ),
    requestRate: section(
      {
        average: whole("Requests per second, on average.", 200),
        burst: whole("Requests in a burst.", 2000),
      },
      {
        description:
          "Requests that one address may send; more get 429. A WebSocket counts once, when it opens. A class behind one " +
          "address counts as one address, and opening JupyterLab takes about 100 requests.",
        otherwise: "no limit",
        example: { average: 200, burst: 2000 },
        change: AT_ONCE,
      },
    ).optional(),
    loginRate: section(
      {
        perMinute: whole("Attempts per minute, on average.", 60).default(60),
        burst: whole(
          "Attempts in a burst, such as a class that logs in from behind one address.",
          300,
        ).default(300),
      },
      {
        description:
          "How often one address may try to log in, sign up or change a password; more get a page with status 429. " +
          "`hub.loginLockout` limits the attempts per user name.",
        example: { perMinute: 60, burst: 300 },
        change: AT_ONCE,
      },
    ).prefault({}),
    redirectedDomains: domains("Other names of the hub, whose visitors are redirected to `domain`."),
    servedDomains: domains("Other names at which the hub answers as it does at `domain`."),
    userSubdomains: flag({
      description:
        "Give each person's server its own host name (`alice.hub.example.org`), so that browsers isolate them from each " +
        "other. This needs a wildcard DNS record and a wildcard certificate: with ACME, `dns-01`.",
      example: true,
      change: "The hub is replaced; people's servers get new addresses and have to be restarted.",
    }).default(false),
    metrics: flag({
      description:
        "Serve the proxy's metrics for Prometheus, at `http://proxy-api:8097/metrics` on the control network only.",
      example: false,
      change: PROXY_REPLACED,
    }).default(true),
  },
  {
    description: "The edge: what the proxy lets in, and what it adds to responses.",
    example: { allow: ["192.0.2.0/24"] },
    change: AT_ONCE,
  },
).prefault({});
