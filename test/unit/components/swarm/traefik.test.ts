import assert from "node:assert/strict";

import { apiConfiguration } from "../../../../components/proxy/api";
import { staticSettings } from "../../../../components/proxy/static-configuration";
import { settingsTree, staticConfiguration } from "../../../../components/swarm/traefik";
import { edge } from "../edge";

describe("Traefik's files in a Swarm", () => {
  const flags = {
    listener: { kind: "certificate" as const },
    ports: { https: 443, http: 80 },
    edge: { ...edge, metrics: false },
    logLevel: "INFO",
    accessLog: false,
  };

  it("say what the flags of a single host say", () => {
    const some = settingsTree([
      ["a", "true"],
      ["a.b", "1"],
      ["c.d", "x"],
      ["c", "true"],
    ]);
    assert.deepEqual(some, { a: { b: "1" }, c: { d: "x" } });
    const tree = settingsTree(staticSettings({ ...flags, pollInterval: "1s", apiHost: "" })) as {
      entryPoints: Record<string, { address: string }>;
    };
    assert.equal(tree.entryPoints["websecure"]?.address, ":8443");
  });

  it("ask for the routes, and have the API on all networks", () => {
    const file = JSON.parse(staticConfiguration(flags)) as {
      providers: Record<string, unknown>;
      entryPoints: Record<string, { address: string }>;
    };
    assert.deepEqual(file.providers["http"], {
      endpoint: "http://routes:8096/routes.json",
      pollInterval: "1s",
      pollTimeout: "4s",
    });
    assert.deepEqual(file.providers["file"], { directory: "/srv/proxy", watch: "true" });
    assert.equal(file.entryPoints["api"]?.address, ":8099");
  });

  it("let only the control network ask the API, with the password", () => {
    const api = { user: "hub", password: "secret", sources: ["172.31.1.0/24"], metrics: false };
    const { http } = JSON.parse(apiConfiguration(api)) as {
      http: { routers: Record<string, { middlewares: string[] }>; middlewares: Record<string, unknown> };
    };
    assert.deepEqual(http.routers["api"]?.middlewares, ["api-sources", "api-login"]);
    assert.deepEqual(http.middlewares["api-sources"], { ipAllowList: { sourceRange: ["172.31.1.0/24"] } });
    assert.doesNotMatch(JSON.stringify(http), /secret/);
    assert.deepEqual(Object.keys(http.routers), ["api"]);
  });

  it("let only the control network have the figures", () => {
    const file = JSON.parse(staticConfiguration({ ...flags, edge })) as {
      metrics: { prometheus: Record<string, string> };
      entryPoints: Record<string, { address: string }>;
    };
    // Without a router of one's own, they are there for whoever reaches the entry point.
    assert.equal(file.metrics.prometheus["manualRouting"], "true");
    assert.equal("entryPoint" in file.metrics.prometheus, false);
    assert.equal(file.entryPoints["metrics"]?.address, ":8097");
    const { http } = JSON.parse(
      apiConfiguration({ user: "hub", password: "secret", sources: ["172.31.1.0/24"], metrics: true }),
    ) as { http: { routers: Record<string, object> } };
    assert.deepEqual(http.routers["metrics"], {
      rule: "Path(`/metrics`)",
      entryPoints: ["metrics"],
      service: "prometheus@internal",
      middlewares: ["api-sources"],
    });
  });
});
