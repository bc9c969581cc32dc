import assert from "node:assert/strict";

import { formatErrors, nearest } from "../../../config/errors";
import { parseConfig } from "../../../config/parse";
import { contextWith, fault, messagesOf, messagesWith, MINIMAL } from "./support";

const USER_NAME =
  'a user name (1 to 255 characters; no control or invisible ones, none of ` " \\ / { }, no space at either end, not only dots)';

const DOMAIN = "the host name that people type into the browser, without https://, port or path";

const IMAGE = "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest";

const MEMORY = "an amount of memory of at least 64M, such as 350m, 1G or 8G (k, m, g, t; base 1024)";

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
      "hub: expected a map with the keys baseUrl, logLevel, metrics, startTimeout, loginLockout, announcement, logo, templates, staticFiles, roles, services, environment, secretEnvironment, extraConfig, image, got a list. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:hub.logLevel' DEBUG",
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
      `jupyterhub:domain: expected ${DOMAIN}, got a secret value of another form. Set it with: ./hub pulumi config set --stack dev --secret jupyterhub:domain`,
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

describe("the nearest name", () => {
  it("is found whatever the case, and not where all are far away", () => {
    assert.equal(nearest("LOGLEVEL", ["logLevel", "image"]), "logLevel");
    assert.equal(nearest("memroy", ["swap", "memory"]), "memory");
    assert.equal(nearest("xyz", ["memory", "swap"]), undefined);
    assert.equal(nearest("x".repeat(100_000), ["memory"]), undefined);
    assert.equal(nearest("x", []), undefined);
  });
});
