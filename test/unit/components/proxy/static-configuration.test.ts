import assert from "node:assert/strict";

import type { AcmeResolver } from "../../../../components/proxy/acme";
import { traefikFlags } from "../../../../components/proxy/static-configuration";
import { edge } from "../edge";

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
