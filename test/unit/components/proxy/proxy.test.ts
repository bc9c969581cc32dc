import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";

import { type AcmeResolver, acmeSettings, environmentFile, storage } from "../../../../components/proxy/acme";
import { tlsConfiguration } from "../../../../components/proxy/dynamic-configuration";
import { type Edge, edgeConfiguration, moreThan } from "../../../../components/proxy/edge";
import { traefikFlags } from "../../../../components/proxy/static-configuration";
import { renewal } from "../../../../components/tls/renewal";
import { edge } from "../edge";

interface Dynamic {
  http: {
    middlewares: Record<string, Record<string, Record<string, unknown>>>;
    routers: Record<string, { rule: string; priority: number; middlewares: string[]; service: string }>;
  };
}
const rendered = (over: Partial<Edge> = {}) =>
  (JSON.parse(edgeConfiguration({ ...edge, ...over })) as Dynamic).http;
const responseHeaders = (over: Partial<Edge> = {}) =>
  rendered(over).middlewares["edge-headers"]?.["headers"]?.["customResponseHeaders"] as Record<
    string,
    string
  >;

describe("traefikFlags", () => {
  const flags = (over = {}) =>
    traefikFlags({
      listener: { kind: "certificate" },
      ports: { https: 8443, http: 8080 },
      edge,
      logLevel: "WARN",
      accessLog: false,
      pollInterval: "100ms",
      ...over,
    });

  it("binds API and figures to its own address on the control network, and has no dashboard", () => {
    assert.ok(flags().includes("--entryPoints.api.address=proxy-api:8099"));
    assert.ok(flags().includes("--entryPoints.metrics.address=proxy-api:8097"));
    assert.ok(flags().includes("--api.dashboard=false"));
    assert.ok(!flags().some((flag) => flag.startsWith("--api.insecure")));
    assert.ok(!flags({ edge: { ...edge, metrics: false } }).some((flag) => flag.includes("metrics")));
  });
  it("redirects to the port that browsers use", () => {
    assert.ok(flags().includes("--entryPoints.web.http.redirections.entryPoint.to=:8443"));
  });
  it("logs requests only when asked to, and then no query and no header", () => {
    assert.ok(!flags().some((flag) => flag.startsWith("--accessLog")));
    const logged = flags({ accessLog: true });
    assert.ok(logged.includes("--accessLog.fields.queryParameters.defaultMode=drop"));
    assert.ok(logged.includes("--accessLog.fields.headers.defaultMode=drop"));
  });
  it("talks to nobody but its neighbours", () => {
    assert.ok(flags().includes("--global.checkNewVersion=false"));
    assert.ok(flags().includes("--global.sendAnonymousUsage=false"));
  });
  it("keeps what load balancers say, whatever it speaks, and nobody else's word", () => {
    const resolver: AcmeResolver = {
      email: "admin@example.org",
      directory: "letsencrypt",
      domains: ["hub.example.org"],
      challenge: { kind: "tls-alpn-01" },
      ownAuthority: false,
    };
    for (const listener of [{ kind: "certificate" }, { kind: "acme", resolver }, { kind: "off" }] as const) {
      const trust = (trustedProxies: string[]) =>
        flags({ listener, edge: { ...edge, trustedProxies } }).filter((flag) =>
          flag.includes("forwardedHeaders"),
        );
      assert.deepEqual(trust([]), []);
      assert.deepEqual(trust(["192.0.2.0/24", "10.0.0.0/8"]), [
        "--entryPoints.websecure.forwardedHeaders.trustedIPs=10.0.0.0/8,192.0.2.0/24",
      ]);
    }
  });
  it("reads no file of the hub's: it asks for routes", () => {
    const providers = flags().filter((flag) => flag.startsWith("--providers."));
    assert.deepEqual(providers.slice(0, -1), [
      "--providers.file.directory=/srv/proxy",
      "--providers.file.watch=true",
      "--providers.http.endpoint=http://routes:8096/routes.json",
      "--providers.http.pollInterval=100ms",
      "--providers.http.pollTimeout=4s",
    ]);
  });
  it("sends every request through the edge", () => {
    assert.ok(flags().includes("--entryPoints.websecure.http.middlewares=edge@file"));
  });
});

describe("acmeSettings", () => {
  const resolver: AcmeResolver = {
    email: "admin@example.org",
    directory: "letsencrypt",
    domains: ["hub.example.org", "old.example.org"],
    challenge: { kind: "http-01" },
    ownAuthority: false,
  };
  const flag = (name: string, over: Partial<AcmeResolver> = {}) =>
    acmeSettings({ ...resolver, ...over })
      .filter(([path]) => path.endsWith(`.${name}`))
      .map(([, value]) => value);

  it("asks for one certificate with all names", () => {
    assert.deepEqual(flag("domains[0].main"), ["hub.example.org"]);
    assert.deepEqual(flag("domains[0].sans"), ["old.example.org"]);
    assert.deepEqual(flag("domains[0].sans", { domains: ["hub.example.org"] }), []);
  });
  it("keeps an account and certificates for each directory", () => {
    const files = ["letsencrypt", "letsencrypt-staging", "https://a.example/dir", "https://b.example/dir"];
    assert.equal(new Set(files.map(storage)).size, 4);
    assert.deepEqual(flag("storage"), ["/srv/acme/letsencrypt.json"]);
    assert.deepEqual(flag("caServer"), ["https://acme-v02.api.letsencrypt.org/directory"]);
    assert.match(String(flag("caServer", { directory: "letsencrypt-staging" })), /acme-staging/);
  });
  it("knows the three challenges", () => {
    assert.deepEqual(flag("httpChallenge.entryPoint"), ["web"]);
    assert.deepEqual(flag("tlsChallenge", { challenge: { kind: "tls-alpn-01" } }), ["true"]);
    const challenge = {
      kind: "dns-01",
      provider: "rfc2136",
      resolvers: ["192.0.2.53:53", "192.0.2.54:53"],
      delay: 30,
      checkNameservers: false,
    } as const;
    assert.deepEqual(flag("dnsChallenge.provider", { challenge }), ["rfc2136"]);
    assert.deepEqual(flag("dnsChallenge.resolvers", { challenge }), ["192.0.2.53:53,192.0.2.54:53"]);
    assert.deepEqual(flag("dnsChallenge.propagation.delayBeforeChecks", { challenge }), ["30s"]);
    assert.deepEqual(flag("dnsChallenge.propagation.disableANSChecks", { challenge }), ["true"]);
  });
  it("hands over variables as they are, whatever is in them", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/[\0]/.test(text)),
        (value) => {
          const shell = `set -a; ${environmentFile({ TOKEN: value })}set +a; printf %s "$TOKEN"`;
          assert.equal(execFileSync("/bin/sh", ["-ec", shell], { encoding: "utf8" }), value);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("edgeConfiguration", () => {
  it("sends HSTS for a name of the DNS over HTTPS, and never for localhost", () => {
    assert.equal(responseHeaders()["Strict-Transport-Security"], "max-age=31536000");
    const hsts = { seconds: 0, subdomains: true, preload: true };
    assert.equal(
      responseHeaders({ hsts })["Strict-Transport-Security"],
      "max-age=0; includeSubDomains; preload",
    );
    assert.ok(!("Strict-Transport-Security" in responseHeaders({ domain: "localhost" })));
    assert.ok(!("Strict-Transport-Security" in responseHeaders({ url: "http://hub.example.org/" })));
  });
  it("takes away what tells what runs, with or without the headers that protect", () => {
    for (const securityHeaders of [true, false]) {
      const headers = responseHeaders({ securityHeaders });
      assert.deepEqual([headers["Server"], headers["X-JupyterHub-Version"]], ["", ""]);
      assert.equal("X-Content-Type-Options" in headers, securityHeaders);
    }
  });
  it("has in its chain what is configured, and in a fixed order", () => {
    const chain = (over = {}) => rendered(over).middlewares["edge"]?.["chain"]?.["middlewares"];
    assert.deepEqual(chain(), ["edge-headers"]);
    const all = { allow: ["192.0.2.0/24"], requestRate: { average: 5, burst: 10 } };
    assert.deepEqual(chain(all), ["edge-headers", "edge-allow", "edge-requests"]);
    assert.deepEqual(
      edgeConfiguration({ ...edge, allow: ["b", "a"] }),
      edgeConfiguration({ ...edge, allow: ["a", "b"] }),
    );
  });
  it("counts by the visitor's address, which load balancers tell", () => {
    const { middlewares } = rendered({ trustedProxies: ["10.0.0.0/8"], allow: ["192.0.2.1"] });
    const ipStrategy = { excludedIPs: ["10.0.0.0/8"] };
    assert.deepEqual(middlewares["edge-allow"]?.["ipAllowList"]?.["ipStrategy"], ipStrategy);
    assert.deepEqual(middlewares["edge-logins"]?.["rateLimit"]?.["sourceCriterion"], { ipStrategy });
  });
  it("takes away what visitors say of themselves, and says by itself what the hub is reached by", () => {
    const sent = (over: Partial<Edge> = {}) =>
      rendered(over).middlewares["edge-headers"]?.["headers"]?.["customRequestHeaders"] as Record<
        string,
        string
      >;
    for (const over of [{}, { trustedProxies: ["10.0.0.0/8"] }]) {
      for (const name of ["X-Real-IP", "Forwarded", "X-Scheme", "CF-Connecting-IP", "True-Client-IP"]) {
        assert.equal(sent(over)[name], "", name);
      }
      assert.ok(!("X-Forwarded-For" in sent(over)), "the one that is kept");
    }
    assert.ok(!("X-Forwarded-Proto" in sent()));
    assert.equal(sent({ trustedProxies: ["10.0.0.0/8"] })["X-Forwarded-Proto"], "https");
  });
  it("limits attempts to log in and bodies below the base URL, by whatever name a visitor comes", () => {
    const rule = (over = {}) => rendered(over).routers["edge-login"]?.rule;
    const pages = "Path(`/hub/login`) || Path(`/hub/signup`) || Path(`/hub/change-password`)";
    const others = "PathRegexp(`^/hub/change-password/[^/]+$`)";
    assert.equal(rule(), `Method(\`POST\`) && (${pages} || ${others})`);
    const api = "PathRegexp(`^/hub/api/users/[^/]+/tokens$`)";
    assert.equal(rule({ apiLogin: true }), `Method(\`POST\`) && (${pages} || ${others} || ${api})`);
    assert.match(
      String(rule({ url: "https://hub.example.org/a.b/", apiLogin: true })),
      /PathRegexp\(`\^\/a\\\.b\/hub\/api/,
    );
    assert.match(
      String(rule({ url: "https://hub.example.org/jupyter/" })),
      /Path\(`\/jupyter\/hub\/login`\)/,
    );
    // The hub answers for any name, those of people and those that nobody has.
    const rules = Object.values(rendered(Object.fromEntries([["userSubdomains", true]])).routers);
    for (const one of rules) {
      assert.ok(!JSON.stringify(one).includes("Host("));
    }
  });
  it("sends other names on to the hub's own", () => {
    const { routers, middlewares } = rendered({ redirectedDomains: ["b.example.org", "a.example.org"] });
    assert.equal(routers["edge-redirect"]?.rule, "Host(`a.example.org`) || Host(`b.example.org`)");
    assert.equal(
      middlewares["edge-redirect"]?.["redirectRegex"]?.["replacement"],
      "https://hub.example.org:8443/$1",
    );
  });
  it("knows every number above a limit, and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e10 }), fc.integer({ min: 0, max: 1e11 }), (limit, length) => {
        const pattern = new RegExp(moreThan(limit));
        for (const one of [length, limit - 1, limit, limit + 1, limit * 10]) {
          assert.equal(pattern.test(String(one)), one > limit, `${one} > ${limit}`);
        }
      }),
    );
    assert.ok(!("edge-body" in rendered({ maxBodySize: false }).routers));
  });
});

describe("tlsConfiguration", () => {
  it("speaks TLS 1.2 with forward secrecy and authenticated ciphers only", () => {
    const { tls } = JSON.parse(tlsConfiguration("1.2")) as {
      tls: { options: { default: { minVersion: string; cipherSuites: string[] } }; stores?: object };
    };
    assert.equal(tls.options.default.minVersion, "VersionTLS12");
    assert.ok(tls.options.default.cipherSuites.every((name) => /^TLS_ECDHE_.*(GCM|POLY1305)/.test(name)));
    assert.equal(tls.stores, undefined);
    assert.match(tlsConfiguration("1.3"), /VersionTLS13/);
  });
});

describe("renewal", () => {
  const start = new Date("2026-01-01T00:00:00Z");
  const day = (count: number) => new Date(start.getTime() + count * 86_400_000);

  it("stays as it is for two thirds of the certificate's days, then is due once", () => {
    assert.deepEqual(
      [0, 1, 59.9, 60, 61, 119.9, 120].map((count) => renewal(start, 90, day(count))),
      [0, 0, 0, 1, 1, 1, 2],
    );
  });
  it("leaves a third of the days, whenever in a period the certificate was made", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 825 }),
        fc.double({ min: 0, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (days, made, later) => {
          const next = made + later * days;
          const isSame = renewal(start, days, day(made)) === renewal(start, days, day(next));
          // While none is due, at least a third is left.
          assert.ok(!isSame || next - made <= (days * 2) / 3 + 1e-6);
        },
      ),
    );
  });
  it("does not mind a clock that is behind", () => {
    assert.equal(renewal(start, 90, day(-5)), 0);
  });
});
