import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

import { Report } from "../../../config/checks/report";
import type { ParseContext } from "../../../config/context";
import { formatError } from "../../../config/errors";
import { parseConfig } from "../../../config/parse";
import { keys } from "../../../config/schema";
import { withSourceLines } from "../../source-lines";
import { sources } from "../structure/graph";
import { contextWith, MINIMAL } from "./support";

const ROOT = join(__dirname, "../../..");

/** In every text that a configuration may have, and in numbers. */
const MARK = "qmarkq";
const NUMBER = 47117;
/** In every key that the schema calls secret. */
const HIDDEN = "h1dd3n";

interface Case {
  readonly values: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly context?: Partial<ParseContext>;
}

/** A key and its certificate, for `name`, that ends tomorrow. */
function certificateFor(name: string): { key: string; certificate: string } {
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const pem = execFileSync(
    "openssl",
    [...args, "-days", "1", "-subj", "/CN=x", "-addext", `subjectAltName=DNS:${name}`, "-keyout", "-"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const split = pem.indexOf("-----BEGIN CERTIFICATE-----");
  return { key: pem.slice(0, split), certificate: pem.slice(split) };
}

const [AUTHORITY = ""] = rootCertificates;
const DOMAIN = `${MARK}.example.org`;
const login = { clientId: MARK, clientSecret: HIDDEN };
const auth = (values: object): Case => ({ values: { auth: values } });
const ldap = { kind: "ldap", server: `ldap.${MARK}.org`, users: [MARK] };
const search = { base: `dc=${MARK}` };
const acme = (values: object) => ({ kind: "acme", email: `${MARK}@example.org`, ...values });
const swarm = (values: object, more: object = {}): Case => ({
  values: {
    variant: "swarm",
    swarm: {
      registry: { address: `${MARK}.example.org:5000` },
      homes: { kind: "shared-path", path: `/${MARK}` },
      ...values,
    },
    ...more,
  },
});

/** What the checks refuse or warn of, each check and each reason at least once. */
const CASES: readonly Case[] = [
  { values: {}, context: { stack: "Prod_A" } },
  { values: { ports: { https: NUMBER, http: NUMBER } } },
  { values: { notebook: { environment: { HTTP_PROXY: `http://${MARK}:${HIDDEN}@proxy.example.org` } } } },
  // Backups
  ...[
    { variant: "swarm" },
    { storage: { homes: { kind: "tree", root: `/${MARK}` } } },
    { storage: { homes: { kind: "volume", name: `{username}-${MARK}` } } },
  ].map((more) => ({ values: { backup: { to: `/${MARK}/b`, password: HIDDEN }, ...more } })),
  { values: { backup: { to: `/run/${MARK}`, password: HIDDEN } } },
  // Who may log in
  auth({ kind: "shared-password", users: [MARK, MARK] }),
  auth({ kind: "github", ...login, usersFile: MARK }),
  {
    ...auth({ kind: "github", ...login, usersFile: MARK }),
    files: { [MARK]: `${MARK} ${MARK}\n"${MARK}/" admin` },
  },
  auth({ kind: "github", ...login }),
  auth({ kind: "github", ...login, allowAll: true }),
  auth({ kind: "native", users: [MARK] }),
  auth({ kind: "native", admins: [MARK], allowAll: true }),
  auth({ kind: "anonymous" }),
  auth({ kind: "oidc", ...login, users: [MARK] }),
  auth({
    kind: "oidc",
    ...login,
    users: [MARK],
    issuer: `https://${MARK}.org`,
    tokenUrl: `https://${MARK}.org`,
  }),
  auth({ kind: "oidc", ...login, users: [MARK], tokenUrl: `https://${MARK}.org` }),
  auth(ldap),
  auth({ ...ldap, bindDn: [`uid={username},dc=${MARK}`], search: { ...search, user: `cn=${MARK}` } }),
  auth({ ...ldap, search: { ...search, password: HIDDEN } }),
  { ...auth({ ...ldap, search, tls: "none", caFile: MARK }), files: { [MARK]: AUTHORITY } },
  { ...auth({ ...ldap, search, caFile: MARK }), files: { [MARK]: MARK } },
  auth({ kind: "google", ...login, users: [MARK], allowedGroups: [MARK] }),
  auth({
    kind: "google",
    ...login,
    users: [MARK],
    groupsAccess: { administrator: MARK, serviceAccountKey: HIDDEN },
  }),
  auth({
    kind: "cilogon",
    ...login,
    idps: { "urn:x": { usernameClaim: MARK, stripDomain: DOMAIN, prefix: MARK, allowAll: true } },
  }),
  auth({
    kind: "google",
    ...login,
    users: [MARK],
    usernames: {
      domains: [DOMAIN, `${MARK}-example.org`],
      map: {
        "a@example.org": MARK,
        "A@example.org": "x",
        "b@example.org": MARK,
        "c@example.org": "x",
        x: "y",
      },
    },
  }),
  // The edge
  { values: { domain: DOMAIN, edge: { servedDomains: [DOMAIN] } } },
  { values: { domain: "10.1.2.3", edge: { userSubdomains: true } } },
  { values: { domain: `${MARK}.test`, tls: acme({}) } },
  { values: { domain: DOMAIN, tls: acme({}), edge: { userSubdomains: true } } },
  { values: { tls: acme({}), ports: { http: false } } },
  { values: { tls: acme({}), ports: { http: NUMBER } } },
  { values: { tls: acme({ challenge: { kind: "tls-alpn-01" } }), ports: { https: NUMBER } } },
  { values: { tls: acme({ challenge: { kind: "dns-01", provider: MARK } }) } },
  {
    values: {
      tls: acme({
        challenge: { kind: "dns-01", provider: "godaddy", environment: { GODADDY_API_KEY: HIDDEN } },
      }),
    },
  },
  { values: { tls: acme({ caCertificate: MARK }) }, files: { [MARK]: MARK } },
  { values: { tls: { kind: "off", trustedProxies: ["10.47.11.7"] }, ports: { http: false } } },
  { values: { tls: { kind: "files", certificate: MARK, key: MARK } } },
  { values: { hub: { environment: { HTTPS_PROXY: `http://${MARK}:${HIDDEN}@proxy.example.org` } } } },
  { values: { hub: { environment: { PATH: MARK, X: MARK }, secretEnvironment: { X: HIDDEN } } } },
  // Limits and logs
  { values: { notebook: { limits: { memory: "1G", shmSize: "2G" } } } },
  { values: { variant: "swarm", users: { a: { limits: { cpuShares: NUMBER } } } } },
  { values: { logging: { options: { "max-size": MARK, nothing: MARK } } } },
  { values: { logging: { driver: "gelf" } } },
  // The engine
  { values: { docker: { host: `tcp://${MARK}.example.org:2375` } } },
  { values: { docker: { host: `ssh://${MARK}`, tls: { ca: MARK, certificate: MARK, key: MARK } } } },
  {
    values: { docker: { host: `tcp://${MARK}:2376`, tls: { ca: "ca", certificate: "ca", key: MARK } } },
    files: { ca: AUTHORITY, [MARK]: MARK },
  },
  // Notebook servers
  { values: { notebook: { image: { kind: "build", context: MARK } } } },
  { values: { notebook: { image: { kind: "packages" } } } },
  { values: { notebook: { image: { kind: "packages", pip: [`jupyterhub[${MARK}]`], conda: [MARK] } } } },
  { values: { notebook: { image: { kind: "git", repository: `https://${MARK}.org/x`, ref: MARK } } } },
  { values: { notebook: { image: { kind: "pull", name: MARK } }, proxy: { image: `${MARK}:latest` } } },
  {
    values: {
      notebook: {
        profiles: [
          { name: "!", users: [MARK, MARK] },
          { name: MARK, slug: MARK, default: true, groups: [MARK, MARK] },
          { name: MARK, slug: MARK, default: true, groups: [MARK] },
        ],
      },
    },
  },
  { values: { notebook: { jupyterlab: { overridesFile: MARK } } }, files: { [MARK]: MARK } },
  {
    values: {
      notebook: { profiles: [{ name: MARK, slug: MARK }] },
      servers: {
        activityInterval: "59m",
        idle: {
          users: true,
          timeout: "never",
          exceptions: [
            { kind: "profile", name: `${MARK}-x`, timeout: "1h" },
            { kind: "group", name: MARK, timeout: "1h" },
            { kind: "group", name: MARK, timeout: "1h" },
          ],
        },
      },
    },
  },
  // The hub
  {
    values: {
      hub: {
        metrics: "public",
        image: { packages: [MARK] },
        extraConfig: { kind: "text", text: MARK },
        logo: `${MARK}.png`,
        templates: MARK,
        roles: {
          admin: { scopes: ["list:users"] },
          "service-x": {},
          reader: { scopes: [`${MARK}:x`, `read:users!${MARK}`], services: [MARK] },
        },
        services: {
          "idle-culler": {},
          api: { environment: { X: MARK }, secrets: { Y: HIDDEN } },
        },
      },
    },
    context: { pythonProblem: (source) => `line 1: ${source}` },
  },
  {
    values: { hub: { extraConfig: { kind: "file", path: `${MARK}.py` } } },
    files: { [`${MARK}.py`]: MARK.repeat(1024 ** 2) },
    context: { pythonProblem: (source) => source.slice(0, 20) },
  },
  { values: { database: { kind: "url", url: `postgresql://hub:${HIDDEN}@x/y`, ca: MARK } } },
  // Storage, groups and networks
  { values: { storage: { homes: { kind: "tree", root: `/etc/${MARK}` } } } },
  { values: { storage: { homes: { kind: "temporary" }, users: true, owner: { uid: NUMBER } } } },
  {
    values: {
      groups: {},
      name: `${MARK}-stack`,
      storage: {
        homes: { kind: "volume", name: MARK },
        volumes: {
          a: { mountPath: `/${MARK}`, name: `${MARK}-{username}`, groups: [MARK] },
          b: { mountPath: `/${MARK}`, name: `${MARK}-{username}{username}`, options: { o: "{username}" } },
          c: { mountPath: `/${MARK}/x`, name: `${MARK}-stack-x`, options: { o: "{username}" } },
          d: { mountPath: "/d", options: { o: "{username}" } },
          "stack-d": { mountPath: "/e", name: `${MARK}-stack-volume-d` },
        },
      },
    },
  },
  {
    values: {
      groups: {
        physics: { fromLogin: true, environment: { K: MARK }, secrets: { K: HIDDEN } },
        chemistry: { fromLogin: true, environment: { A: `https://${MARK}:${HIDDEN}@example.org` } },
      },
      users: { alice: { environment: { B: MARK }, secrets: { B: HIDDEN } } },
      notebook: { profiles: [{ name: MARK, environment: { C: MARK }, secrets: { C: HIDDEN } }] },
    },
  },
  { values: { groups: { physics: {}, chemistry: { members: [MARK, MARK] } } } },
  { values: { egress: { allow: [{ host: DOMAIN }] } } },
  { values: { variant: "lockdown", network: { allow: [{ to: "10.47.11.7/32" }] } } },
  {
    values: {
      network: {
        subnet: "11.47.8.0/21",
        public: "10.47.8.0/24",
        control: "10.47.8.0/28",
        egress: "10.47.11.0/24",
      },
    },
  },
  // A Swarm
  { values: { variant: "swarm" } },
  swarm({ registry: { address: `${MARK}:5000`, password: HIDDEN } }),
  swarm({
    nodes: [
      { name: MARK, host: `ssh://${MARK}`, role: "manager" },
      { name: MARK, host: `ssh://${MARK}` },
    ],
    notebooks: {
      ofProfiles: { physics: ["node.role==worker"] },
      ofGroups: { physics: ["node.role==worker"] },
    },
    network: { subnet: "10.47.11.0/24", control: "10.47.11.0/28", servers: 1000 },
  }),
  swarm({ network: { subnet: "10.47.11.7/24", control: "10.47.12.7/24" } }),
  swarm(
    { homes: { kind: "local", pinned: true } },
    {
      groups: { [`physics`]: { members: [MARK], folder: "read-write" } },
      tls: acme({}),
      database: { kind: "postgres" },
      notebook: { gpus: 1, profiles: [{ name: MARK, gpus: 1 }] },
      egress: { allow: [{ host: DOMAIN }] },
      ports: { address: "10.47.11.7" },
      network: { subnet: "10.47.11.0/24", public: "10.48.11.0/24" },
      storage: { homes: { kind: "volume", name: `${MARK}-{username}` }, shared: true },
    },
  ),
  swarm({}, { storage: { homes: { kind: "temporary" }, volumes: { x: { mountPath: `/${MARK}` } } } }),
];

/** Places in the checks where something is reported. */
function places(): string[] {
  return sources(ROOT)
    .filter((file) => file.startsWith("config/checks/"))
    .flatMap((file) =>
      readFileSync(join(ROOT, file), "utf8")
        .split("\n")
        .flatMap((line, index) =>
          /\b(report|this)\.(refuse|warn)\(/.test(line) ? [`${file}:${index + 1}`] : [],
        ),
    );
}

describe("secret values", () => {
  const reached = new Set<string>();
  const { refuse, warn } = Object.getOwnPropertyDescriptors(Report.prototype);
  let warnings: string[] = [];

  const place = (): void => {
    const [, , , caller = ""] = (new Error().stack ?? "").split("\n");
    const found = /(config\/checks\/[\w/-]+\.ts):(\d+)/.exec(withSourceLines(caller));
    reached.add(found === null ? caller : `${found[1]}:${found[2]}`);
  };
  before(() => {
    Report.prototype.refuse = function (...args) {
      place();
      refuse.value?.apply(this, args);
    };
    Report.prototype.warn = function (text) {
      place();
      warnings.push(String(text));
      warn.value?.call(this, text);
    };
  });
  after(() => {
    Object.defineProperties(Report.prototype, { refuse, warn });
  });

  /** All that is said of a configuration. */
  function textsOf({ values, files, context }: Case, secretKeys: ReadonlySet<string>): string[] {
    warnings = [];
    const own = "auth" in values ? { domain: DOMAIN } : { ...MINIMAL, domain: DOMAIN };
    const result = parseConfig({ ...own, ...values }, contextWith(files, { ...context, secretKeys }));
    const errors = "errors" in result ? result.errors.map(formatError) : [];
    const texts = [...errors, ...warnings];
    assert.ok(texts.length > 0, `nothing is said of ${JSON.stringify(values)}`);
    return texts;
  }

  const { key, certificate } = certificateFor("other.example.com");
  const all: readonly Case[] = [
    ...CASES,
    ...[DOMAIN, "other.example.com"].map((domain) => ({
      values: { domain, tls: { kind: "files", certificate: "c", key: "k" } },
      files: { c: certificate, k: key },
      context: { now: new Date() },
    })),
  ];

  it("of the schema are never shown", () => {
    const texts = all.flatMap((one) => textsOf(one, new Set()));
    assert.deepEqual(
      texts.filter((text) => text.includes(HIDDEN)),
      [],
    );
    const marked = texts.filter((text) => text.includes(MARK) || text.includes(String(NUMBER)));
    assert.ok(marked.length > 30, `only ${marked.length} texts have a value in them`);
  });

  it("of keys that are kept secret are never shown, whatever is wrong with them", () => {
    const secretKeys = new Set(Object.keys(keys));
    for (const one of all) {
      for (const text of textsOf(one, secretKeys)) {
        assert.doesNotMatch(text, new RegExp(`${MARK}|${HIDDEN}|${NUMBER}|10\\.47|11\\.47|59m`, "i"));
      }
    }
  });

  it("were there in everything that the checks can say", () => {
    assert.deepEqual(
      places().filter((one) => !reached.has(one)),
      [],
    );
  });
});
