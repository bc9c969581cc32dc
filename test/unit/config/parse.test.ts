import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, MINIMAL } from "./support";

describe("a valid configuration", () => {
  it("has all defaults", () => {
    assert.deepEqual(configOf(parseConfig(MINIMAL, contextWith())), {
      variant: "single-host",
      name: "jupyterhub-dev",
      stack: "dev",
      domain: "hub.example.org",
      ports: { https: 443, http: 80, address: "0.0.0.0" },
      tls: { kind: "self-signed", days: 365, trustedProxies: [] },
      auth: { kind: "shared-password", users: ["alice"], admins: [], blocked: [] },
      notebook: {
        image: { kind: "build", context: "./images/notebook", args: {} },
        jupyterlab: { overrides: {} },
        profiles: [],
        startPage: "/lab",
        environment: {},
        limits: { memory: 1_073_741_824, swap: 0, cpus: 1, processes: 512 },
      },
      secrets: {},
      storage: {
        homes: { kind: "volume", driver: "local", options: {}, mountPath: "/home/jovyan", takenOver: [] },
        shared: false,
        colab: false,
        users: false,
        labSettings: { apart: false, mountPath: "/home/jovyan/.jupyter/lab" },
        volumes: {},
        owner: { uid: 1000, gid: 100 },
        retain: true,
      },
      groups: {},
      users: {},
      database: { kind: "sqlite" },
      backup: undefined,
      servers: {
        idle: { timeout: null, maxAge: null, users: false, exceptions: [] },
        shutdownOnLogout: false,
        named: 0,
        concurrentSpawnLimit: 100,
        activeServerLimit: 0,
        startTimeout: 60,
        httpTimeout: 30,
        activityInterval: 300,
        lastActivityInterval: 300,
        disableUserConfig: false,
      },
      hub: {
        environment: {},
        secretEnvironment: {},
        baseUrl: "/",
        logLevel: "INFO",
        metrics: "token",
        startTimeout: 180,
        loginLockout: { attempts: 10, window: 900, duration: 900 },
        announcement: {},
        roles: {},
        services: {},
        image: { packages: [], args: {} },
      },
      hubFiles: [],
      proxy: { image: "traefik:v3.7.15", logLevel: "INFO", accessLog: false },
      edge: {
        minimumTls: "1.2",
        hsts: { seconds: 31_536_000, subdomains: false, preload: false },
        securityHeaders: true,
        allow: [],
        maxBodySize: 104_857_600,
        loginRate: { perMinute: 60, burst: 300 },
        redirectedDomains: [],
        servedDomains: [],
        userSubdomains: false,
        metrics: true,
      },
      dns: { addresses: [], ttl: 300 },
      docker: {},
      network: { allow: [] },
      egress: { allow: [] },
      logging: { driver: "json-file", options: {}, maxSize: "10m" },
    });
  });

  it("is the same as JSON text, which is what Pulumi hands over", () => {
    const text = { ...MINIMAL, auth: JSON.stringify(MINIMAL.auth), ports: '{"https": 8443}' };
    const plain = { ...MINIMAL, ports: { https: 8443 } };
    assert.deepEqual(parseConfig(text, contextWith()), parseConfig(plain, contextWith()));
  });

  it("takes an empty value for none, as Pulumi.yaml declares the keys", () => {
    const empty = { name: "", variant: "", tls: "{}", ports: "{}", storage: {}, notebook: " {}" };
    assert.deepEqual(
      parseConfig({ ...MINIMAL, ...empty }, contextWith()),
      parseConfig(MINIMAL, contextWith()),
    );
  });

  const accepted: [
    string,
    Record<string, unknown>,
    (config: ReturnType<typeof configOf>) => unknown,
    unknown,
  ][] = [
    ["a domain in capitals", { domain: "Hub.Example.ORG" }, (c) => c.domain, "hub.example.org"],
    ["localhost", { domain: "localhost" }, (c) => c.domain, "localhost"],
    ["an IPv4 address", { domain: "10.0.0.7" }, (c) => c.domain, "10.0.0.7"],
    ["an IPv6 address", { domain: "2001:DB8::1" }, (c) => c.domain, "2001:db8::1"],
    ["a name of its own", { name: "physics-1" }, (c) => c.name, "physics-1"],
    ["no HTTP port", { ports: { http: false } }, (c) => c.ports.http, false],
    ["start page lab", { notebook: { startPage: "lab" } }, (c) => c.notebook.startPage, "/lab"],
    ["start page notebook", { notebook: { startPage: "notebook" } }, (c) => c.notebook.startPage, "/tree"],
    [
      "a start path",
      { notebook: { startPage: "/lab/tree/a.ipynb" } },
      (c) => c.notebook.startPage,
      "/lab/tree/a.ipynb",
    ],
    [
      "memory as text",
      { notebook: { limits: { memory: "350m" } } },
      (c) => c.notebook.limits.memory,
      367_001_600,
    ],
    ["swap as a number", { notebook: { limits: { swap: 1024 } } }, (c) => c.notebook.limits.swap, 1024],
    ["CPUs as text", { notebook: { limits: { cpus: "1.5" } } }, (c) => c.notebook.limits.cpus, 1.5],
    ["a command", { notebook: { command: ["a", "-b"] } }, (c) => c.notebook.command, ["a", "-b"]],
    [
      "numbers and booleans in the environment",
      { notebook: { environment: { A: 1, B: true, C: "c", D: "" } } },
      (c) => c.notebook.environment,
      { A: "1", B: "true", C: "c", D: "" },
    ],
    [
      "one name in both lists",
      { auth: { kind: "shared-password", users: ["al"], admins: ["al"] } },
      (c) => c.auth,
      { kind: "shared-password", users: ["al"], admins: ["al"], blocked: [] },
    ],
    [
      "admins only",
      { auth: { kind: "shared-password", admins: ["root"] } },
      (c) => "users" in c.auth && c.auth.users,
      [],
    ],
    ["a remote engine", { docker: { host: "ssh://me@host" } }, (c) => c.docker.host, "ssh://me@host"],
    ["an IPv6 engine", { docker: { host: "tcp://[::1]:2376" } }, (c) => c.docker.host, "tcp://[::1]:2376"],
    [
      "a socket",
      { docker: { host: "unix:///run/docker.sock" } },
      (c) => c.docker.host,
      "unix:///run/docker.sock",
    ],
  ];
  for (const [what, values, pick, expected] of accepted) {
    it(`takes ${what}`, () => {
      assert.deepEqual(pick(configOf(parseConfig({ ...MINIMAL, ...values }, contextWith()))), expected);
    });
  }

  const images = [
    "jupyter",
    "quay.io/jupyter/base-notebook:2026-10-05",
    "localhost:5000/a/b_c/d--e:v1",
    `quay.io/x@sha256:${"0a".repeat(32)}`,
    `x:1@sha256:${"0a".repeat(32)}`,
  ];
  for (const name of images) {
    it(`takes the image ${name}`, () => {
      const image = { kind: "pull", name };
      assert.deepEqual(
        configOf(parseConfig({ ...MINIMAL, notebook: { image } }, contextWith())).notebook.image,
        image,
      );
    });
  }

  it("is frozen all the way down", () => {
    const config = configOf(parseConfig(MINIMAL, contextWith()));
    assert.throws(() => Object.assign(config, { domain: "x" }), TypeError);
    assert.throws(() => Object.assign(config.notebook.limits, { memory: 1 }), TypeError);
    assert.ok("users" in config.auth);
    const { users } = config.auth;
    assert.throws(() => (users as string[]).push("mallory"), TypeError);
  });
});
