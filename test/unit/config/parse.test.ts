import assert from "node:assert/strict";

import { formatErrors, nearest } from "../../../config/errors";
import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, fault, messagesOf, messagesWith, MINIMAL, warningsOf } from "./support";

const USER_NAME =
  'a user name (1 to 255 characters; no control or invisible ones, none of ` " \\ / { }, no space at either end, not only dots)';
const DOMAIN = "the host name that people type into the browser, without https://, port or path";
const IMAGE = "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest";
const MEMORY = "an amount of memory of at least 64M, such as 350m, 1G or 8G (k, m, g, t; base 1024)";

describe("a valid configuration", () => {
  it("has all defaults", () => {
    assert.deepEqual(configOf(parseConfig(MINIMAL, contextWith())), {
      variant: "single-host",
      name: "jupyterhub-dev",
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
        homes: { kind: "volume", driver: "local", options: {}, mountPath: "/home/jovyan" },
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
      logging: { maxSize: "10m", maxFiles: 3 },
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

describe("an invalid configuration", () => {
  it("without anything says what is needed", () => {
    assert.deepEqual(messagesOf(parseConfig({}, contextWith())), [
      `jupyterhub:domain: expected ${DOMAIN}, got nothing. Set it with: ./hub pulumi config set --stack dev jupyterhub:domain hub.example.org`,
      "jupyterhub:auth: expected a kind of login, and at least one name in users or admins, got nothing. Set it with: " +
        "./hub pulumi config set --stack dev --path 'jupyterhub:auth.kind' shared-password && " +
        "./hub pulumi config set --stack dev --path 'jupyterhub:auth.users[0]' alice && " +
        "./hub pulumi config set --stack dev --path 'jupyterhub:auth.admins[0]' admin",
    ]);
  });

  /** What is changed in the minimal configuration, and the message after `jupyterhub:`. */
  const refused: [string, Record<string, unknown>, string][] = [
    // Unknown keys
    [
      "a mistyped key",
      { domian: "x" },
      "domian: expected jupyterhub:domain (the nearest known key), got an unknown key. Remove it with: ./hub pulumi config rm --stack dev jupyterhub:domian",
    ],
    [
      "a mistyped key further down",
      { notebook: { limits: { memroy: "1G" } } },
      "notebook.limits.memroy: expected jupyterhub:notebook.limits.memory (the nearest known key), got an unknown key. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:notebook.limits.memroy'",
    ],
    [
      "a key in the wrong place",
      { admins: ["alice"] },
      "admins: expected jupyterhub:auth.admins (the key's place), got an unknown key. Remove it with: ./hub pulumi config rm --stack dev jupyterhub:admins",
    ],
    [
      "a key like no other",
      { ports: { quic: true } },
      "ports.quic: expected a known key (https, http, address), got an unknown key. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:ports.quic'",
    ],
    [
      "a key of another kind",
      { tls: { kind: "self-signed", certificate: "x.pem" } },
      "tls.certificate: expected a key of this kind (kind, days, trustedProxies), got a key of another kind. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:tls.certificate'",
    ],
    // The wrong shape
    [
      "text for a map",
      { ports: "8443" },
      "ports: expected a map with the keys https, http, address, got \"8443\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.https' 8443 && ./hub pulumi config set --stack dev --path 'jupyterhub:ports.http' 8080",
    ],
    [
      "damaged JSON",
      { ports: '{"https": 84' },
      "ports: expected a map with the keys https, http, address, got text that is not valid JSON. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.https' 8443 && ./hub pulumi config set --stack dev --path 'jupyterhub:ports.http' 8080",
    ],
    [
      "a kind for a map",
      { tls: "self-signed" },
      "tls: expected a map whose kind is self-signed, files, acme or off, got \"self-signed\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.kind' self-signed",
    ],
    [
      "a list for a map",
      { hub: ["DEBUG"] },
      "hub: expected a map with the keys baseUrl, logLevel, metrics, startTimeout, loginLockout, announcement, logo, templates, staticFiles, roles, services, extraConfig, image, got a list. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:hub.logLevel' DEBUG",
    ],
    [
      "a map for text",
      { domain: { name: "x" } },
      `domain: expected ${DOMAIN}, got a map. Set it with: ./hub pulumi config set --stack dev jupyterhub:domain hub.example.org`,
    ],
    [
      "null",
      { proxy: { accessLog: null } },
      "proxy.accessLog: expected true or false, got nothing. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:proxy.accessLog' false",
    ],
    // Single values
    [
      "a variant that does not exist",
      { variant: "cluster" },
      'variant: expected single-host, lockdown or swarm, got "cluster". Set it with: ./hub pulumi config set --stack dev jupyterhub:variant single-host',
    ],
    [
      "a name with capitals",
      { name: "Physics" },
      'name: expected 2 to 31 characters of a-z, 0-9 and -, the first one a letter or a digit, got "Physics". Set it with: ./hub pulumi config set --stack dev jupyterhub:name jupyterhub-physics',
    ],
    [
      "a port out of range",
      { ports: { https: 65536 } },
      "ports.https: expected a port from 1 to 65535, got the number 65536. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.https' 8443",
    ],
    [
      "a port as text",
      { ports: { http: "80" } },
      "ports.http: expected a port from 1 to 65535, or false for none, got \"80\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.http' 8080",
    ],
    [
      "an address that is a name",
      { ports: { address: "localhost" } },
      "ports.address: expected an IP address of the Docker host, got \"localhost\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.address' 127.0.0.1",
    ],
    [
      "one port for both",
      { ports: { https: 8080, http: 8080 } },
      "ports.http: expected a port other than that of https, got the number 8080 for both. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.http' 80",
    ],
    [
      "a kind of certificate that does not exist",
      { tls: { kind: "letsencrypt" } },
      "tls.kind: expected one of self-signed, files, acme, off, got \"letsencrypt\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.kind' self-signed",
    ],
    [
      "no kind of homes",
      { storage: { homes: { mountPath: "/home/jovyan" } } },
      "storage.homes.kind: expected one of volume, tree, temporary, got nothing. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:storage.homes.kind' volume",
    ],
    [
      "a certificate without its key",
      { tls: { kind: "files", certificate: "c.pem" } },
      "tls.key: expected the path of a PEM file with the private key, got nothing. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.key' ./tls/privkey.pem",
    ],
    [
      "too many days",
      { tls: { kind: "self-signed", days: 826 } },
      "tls.days: expected a whole number of days from 1 to 825, got the number 826. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.days' 90",
    ],
    [
      "nobody who may log in",
      { auth: { kind: "shared-password", users: [] } },
      "auth: expected at least one name in users or admins, got none: nobody could log in. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:auth.users[0]' alice",
    ],
    [
      "one user twice",
      { auth: { kind: "shared-password", users: ["bob", "alice", "bob"] } },
      "auth.users[2]: expected every name once, got \"bob\" again. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:auth.users[2]'",
    ],
    [
      "a user with a slash",
      { auth: { kind: "shared-password", users: ["alice", "bob/x"] } },
      `auth.users[1]: expected ${USER_NAME}, got "bob/x", which contains the character /. Correct it, or remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:auth.users[1]'`,
    ],
    [
      "a refusal in a word that is no boolean",
      { auth: { kind: "shared-password", users: ["alice"], allowExistingUsers: "no" } },
      "auth.allowExistingUsers: expected true or false, got \"no\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:auth.allowExistingUsers' false",
    ],
    [
      "a word that could mean anything: the default is offered",
      { auth: { kind: "shared-password", users: ["alice"], apiLogin: "maybe" } },
      "auth.apiLogin: expected true or false, got \"maybe\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:auth.apiLogin' false",
    ],
    [
      "a user called 7, without quotes",
      { auth: { kind: "shared-password", users: [7] } },
      `auth.users[0]: expected ${USER_NAME}, got the number 7. Set it with: ./hub pulumi config set --stack dev --type string --path 'jupyterhub:auth.users[0]' 7`,
    ],
    [
      "an image name with capitals",
      { notebook: { image: { kind: "pull", name: "Jupyter/Lab" } } },
      `notebook.image.name: expected ${IMAGE}, got "Jupyter/Lab". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.image.name' quay.io/jupyter/base-notebook:2026-10-05`,
    ],
    [
      "a folder without a Dockerfile",
      { notebook: { image: { kind: "build", context: "./r" } } },
      'notebook.image.context: expected a file that can be read, got "r/Dockerfile", which does not exist. Put the file there, or correct the path (relative to the folder of Pulumi.yaml).',
    ],
    [
      "a start page without a slash",
      { notebook: { startPage: "tree" } },
      "notebook.startPage: expected lab, notebook or a path that starts with /, got \"tree\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.startPage' notebook",
    ],
    [
      "a command as text",
      { notebook: { command: "start-notebook.py --debug" } },
      "notebook.command: expected a list of words, such as ['start-notebook.py', '--debug'], got \"start-notebook.py --debug\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.command[0]' start-notebook.py && ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.command[1]' -- --debug",
    ],
    [
      "a variable with a dash",
      { notebook: { environment: { "MY-VAR": "x" } } },
      "notebook.environment.MY-VAR: expected variables as NAME: value (names of letters, digits and _), got another name. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:notebook.environment.MY-VAR'",
    ],
    [
      "a variable that is a list",
      { notebook: { environment: { PATH: ["/bin"] } } },
      "notebook.environment.PATH: expected text, got a list. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.environment.PATH' text",
    ],
    [
      "memory in an unknown unit",
      { notebook: { limits: { memory: "1 gig" } } },
      `notebook.limits.memory: expected ${MEMORY}, got "1 gig". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.limits.memory' 8G`,
    ],
    [
      "memory without its unit",
      { notebook: { limits: { memory: 512 } } },
      `notebook.limits.memory: expected ${MEMORY}, got the number 512. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.limits.memory' 8G`,
    ],
    [
      "no CPU",
      { notebook: { limits: { cpus: 0 } } },
      "notebook.limits.cpus: expected a number of CPUs from 0.01 to 1024, such as 0.5 or 2, got the number 0. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.limits.cpus' 2",
    ],
    [
      "half a process",
      { notebook: { limits: { processes: 64.5 } } },
      "notebook.limits.processes: expected a whole number of processes from 64 to 4194304, got the number 64.5. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:notebook.limits.processes' 1024",
    ],
    [
      "a home that leads upwards",
      { storage: { homes: { kind: "volume", mountPath: "/home/../etc" } } },
      "storage.homes.mountPath: expected an absolute path of letters, digits, . _ -, got \"/home/../etc\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:storage.homes.mountPath' /home/jovyan/work",
    ],
    [
      "text for true or false",
      { storage: { retain: "no" } },
      "storage.retain: expected true or false, got \"no\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:storage.retain' false",
    ],
    [
      "an engine by http",
      { docker: { host: "http://host:2375" } },
      "docker.host: expected unix:///path, ssh://user@host or tcp://host:port, got \"http://host:2375\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:docker.host' ssh://admin@docker.example.org",
    ],
    [
      "a log size in capitals",
      { logging: { maxSize: "10M" } },
      "logging.maxSize: expected a whole number with k, m or g, such as 10m, got \"10M\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:logging.maxSize' 50m",
    ],
  ];
  for (const [what, values, message] of refused) {
    it(`with ${what} is refused`, () => {
      assert.deepEqual(messagesWith(values), [`jupyterhub:${message}`]);
    });
  }

  for (const domain of [
    "https://hub.example.org",
    "hub.example.org:8443",
    "hub.example.org/",
    "hub_a.example.org",
    "-hub.example.org",
    "hub..org",
    "hub.example.org.",
    "10.0.0.256",
    "hub.example.org ",
    "a".repeat(64),
    "hüb.example.org",
  ]) {
    it(`with the domain ${JSON.stringify(domain)} is refused`, () => {
      const shown = JSON.stringify(domain.length > 60 ? `${domain.slice(0, 60)}…` : domain);
      assert.deepEqual(messagesWith({ domain }), [
        `jupyterhub:domain: expected ${DOMAIN}, got ${shown}. Set it with: ./hub pulumi config set --stack dev jupyterhub:domain hub.example.org`,
      ]);
    });
  }

  it("shows unknown keys beside an unknown kind", () => {
    assert.deepEqual(messagesWith({ tls: { kind: "letsencrypt", mail: "a@example.org" } }), [
      "jupyterhub:tls.kind: expected one of self-signed, files, acme, off, got \"letsencrypt\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.kind' self-signed",
      "jupyterhub:tls.mail: expected jupyterhub:tls.email (the nearest known key), got an unknown key. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:tls.mail'",
    ]);
  });

  it("shows all errors at once, those across keys too", () => {
    const messages = messagesWith(
      {
        domain: undefined,
        prots: {},
        ports: { https: 80 },
        notebook: { limits: { memory: "x", cpus: "x" }, image: { kind: "build" } },
        hub: { logLevel: "LOUD" },
        tls: { kind: "files", certificate: "c.pem", key: "k.pem" },
      },
      contextWith({ "c.pem": fault("EACCES"), "k.pem": fault("EISDIR") }),
    );
    assert.deepEqual(
      messages.map((message) => message.split(": ")[0]),
      [
        "jupyterhub:prots",
        "jupyterhub:domain",
        "jupyterhub:notebook.limits.memory",
        "jupyterhub:notebook.limits.cpus",
        "jupyterhub:hub.logLevel",
        "jupyterhub:ports.http",
        "jupyterhub:tls.certificate",
        "jupyterhub:tls.key",
      ],
    );
  });

  it("says why a file cannot be read", () => {
    const tls = { kind: "files", certificate: "./c.pem", key: "k.pem" };
    const files = { "./c.pem": fault("EACCES"), "k.pem": fault("EIO") };
    assert.deepEqual(messagesWith({ tls }, contextWith(files)), [
      'jupyterhub:tls.certificate: expected a file that can be read, got "./c.pem", which the current user may not read. Let the user who runs Pulumi read it.',
      'jupyterhub:tls.key: expected a file that can be read, got "k.pem", which cannot be read (EIO). Put the file there, or correct the path (relative to the folder of Pulumi.yaml).',
    ]);
  });

  it("whose stack's name makes no name says so", () => {
    assert.deepEqual(messagesOf(parseConfig(MINIMAL, contextWith({}, { stack: "Prod_A" }))), [
      'jupyterhub:name: expected 2 to 31 characters of a-z, 0-9 and -, the first one a letter or a digit, got nothing, and "jupyterhub-Prod_A" (from the stack\'s name) is not a valid name. Set it with: ./hub pulumi config set --stack Prod_A jupyterhub:name jupyterhub-physics',
    ]);
    assert.deepEqual(
      messagesOf(parseConfig({ ...MINIMAL, name: "prod-a" }, contextWith({}, { stack: "Prod_A" }))),
      [],
    );
  });

  it("never shows a secret value", () => {
    const secretKeys = new Set(["domain", "auth", "ports", "tls", "notebook", "docker", "logging"]);
    const messages = messagesOf(
      parseConfig(
        {
          domain: "hunter2/",
          auth: { kind: "shared-password", users: ["hunter2", "hunter2", "HUNTER2"] },
          ports: { https: 4711, http: 4711 },
          tls: { kind: "files", certificate: "hunter2.pem", key: "hunter2.key" },
          notebook: { image: { kind: "build", context: "hunter2" } },
          docker: { host: "hunter2" },
          logging: '{"hunter2',
        },
        contextWith({}, { secretKeys }),
      ),
    );
    assert.deepEqual(
      messages.filter((message) => /hunter2|4711/i.test(message)),
      [],
    );
    assert.equal(messages.length, 9);
    assert.equal(
      messages[0],
      `jupyterhub:domain: expected ${DOMAIN}, got a secret value of another form. Set it with: ./hub pulumi config set --stack dev --secret jupyterhub:domain hub.example.org`,
    );
  });

  it("is shown as one message", () => {
    const result = parseConfig({ ...MINIMAL, variant: "x", hub: { logLevel: "x" } }, contextWith());
    assert.ok("errors" in result);
    assert.equal(
      formatErrors(result.errors, "dev"),
      [
        'The configuration of stack "dev" has 2 errors; nothing was changed.',
        '  - jupyterhub:variant: expected single-host, lockdown or swarm, got "x". Set it with: ./hub pulumi config set --stack dev jupyterhub:variant single-host',
        "  - jupyterhub:hub.logLevel: expected DEBUG, INFO, WARNING, ERROR or CRITICAL, got \"x\". Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:hub.logLevel' DEBUG",
      ].join("\n"),
    );
    assert.match(
      formatErrors(result.errors.slice(1), "dev"),
      /^The configuration of stack "dev" has 1 error; /,
    );
  });
});

describe("warnings", () => {
  const floating =
    "what runs depends on when it was pulled, differs between hosts and cannot be rolled back. Use a version or a digest (@sha256:…).";
  const cases: [string, Record<string, unknown>, string[]][] = [
    ["a version", { proxy: { image: "traefik:v3.7.15" } }, []],
    ["a digest", { proxy: { image: `traefik@sha256:${"0".repeat(64)}` } }, []],
    [
      "latest",
      { proxy: { image: "traefik:latest" } },
      [`jupyterhub:proxy.image: "traefik:latest" has the tag latest: ${floating}`],
    ],
    [
      "no tag",
      { notebook: { image: { kind: "pull", name: "localhost:5000/lab" } } },
      [`jupyterhub:notebook.image.name: "localhost:5000/lab" has no tag: ${floating}`],
    ],
    ["a protected Docker API", { docker: { host: "tcp://docker.example.org:2376" } }, []],
    ["a local Docker API", { docker: { host: "tcp://127.0.0.1:2375" } }, []],
    [
      "an open Docker API",
      { docker: { host: "tcp://docker.example.org:2375" } },
      [
        "jupyterhub:docker.host: the Docker API on port 2375 is neither encrypted nor protected: whoever can reach it controls the host. Use ssh://user@host, or tcp:// with docker.tls.",
      ],
    ],
  ];
  for (const [what, values, warnings] of cases) {
    it(`${what}: ${warnings.length}`, () => {
      assert.deepEqual(warningsOf(parseConfig({ ...MINIMAL, ...values }, contextWith())), warnings);
    });
  }
});

describe("the nearest name", () => {
  it("is found whatever the case, and not where all are far away", () => {
    assert.equal(nearest("LOGLEVEL", ["logLevel", "image"]), "logLevel");
    assert.equal(nearest("memroy", ["swap", "memory"]), "memory");
    assert.equal(nearest("xyz", ["memory", "swap"]), undefined);
    assert.equal(nearest("x".repeat(100_000), ["memory"]), undefined);
    assert.equal(nearest("x", []), undefined);
  });
});
