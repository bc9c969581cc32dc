import assert from "node:assert/strict";

import { configJsonSchema, type JsonSchema } from "../../../config/json-schema";
import type { SecretReader } from "../../../config/secrets";
import type { Registration } from "../components/harness";
import { type StackRunner, stackRunner } from "./stack-run";

/** Each secret key of the schema by its path, with `*` for names that people choose, and who it is for. */
function secretKeys(
  node: JsonSchema = configJsonSchema(),
  path: readonly string[] = [],
): Map<string, readonly SecretReader[]> {
  if (node.secret) {
    return new Map([[path.join("."), node.readers ?? []]]);
  }
  const below: [string, JsonSchema][] = [
    ...Object.entries(node.properties ?? {}),
    ...(typeof node.additionalProperties === "object"
      ? [["*", node.additionalProperties] as [string, JsonSchema]]
      : []),
    ...(node.items ? [["*", node.items] as [string, JsonSchema]] : []),
  ];
  const maps = [
    ...below.map(([name, child]) => secretKeys(child, [...path, name])),
    ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].map((option) => secretKeys(option, path)),
  ];
  return new Map(maps.flatMap((map) => [...map]));
}

const MARK = "this-is-the-secret-of-";
const mark = (key: string): string =>
  `${MARK}${key.replaceAll(/[^A-Za-z0-9]/g, "-").toLowerCase()}-0123456789`;

const PEOPLE = { users: ["alice"] };
const OAUTH = { clientId: "id", clientSecret: mark("auth.clientSecret") };

/** Configurations that together have every secret key. The value of each says which it is. */
const EVERY: Readonly<Record<string, unknown>>[] = [
  {
    auth: { kind: "shared-password", ...PEOPLE },
    groups: { staff: { fromLogin: true, secrets: { KEY: mark("groups.*.secrets.*") } } },
    users: { alice: { secrets: { KEY: mark("users.*.secrets.*") } } },
    notebook: { profiles: [{ name: "Large", secrets: { KEY: mark("notebook.profiles.*.secrets.*") } }] },
    hub: {
      services: {
        report: {
          token: mark("hub.services.*.token"),
          command: ["x"],
          secrets: { KEY: mark("hub.services.*.secrets.*") },
        },
      },
      secretEnvironment: { HTTPS_PROXY: mark("hub.secretEnvironment.*") },
      extraConfig: { kind: "text", text: "c.A.b = 1", secrets: { word: mark("hub.extraConfig.secrets.*") } },
    },
    database: { kind: "url", url: `postgresql://hub:${mark("database.url")}@db.example.org/hub` },
    swarm: {
      nodes: [{ name: "node2", host: "ssh://admin@node2" }],
      registry: { address: "registry:5000", user: "me", password: mark("swarm.registry.password") },
      homes: { kind: "shared-path", path: "/mnt/homes" },
    },
  },
  {
    auth: { kind: "github", ...OAUTH, users: ["alice"] },
    tls: {
      kind: "acme",
      email: "admin@example.org",
      challenge: {
        kind: "dns-01",
        provider: "cloudflare",
        environment: { CF_DNS_API_TOKEN: mark("tls.challenge.environment.*") },
      },
    },
  },
  {
    auth: {
      kind: "google",
      ...OAUTH,
      hostedDomains: ["example.org"],
      users: ["alice@example.org"],
      groupsAccess: {
        administrator: "admin",
        serviceAccountKey: mark("auth.groupsAccess.serviceAccountKey"),
      },
    },
  },
  {
    auth: {
      kind: "ldap",
      server: "ldap.example.org",
      search: { base: "dc=example,dc=org", user: "cn=hub", password: mark("auth.search.password") },
      users: ["alice"],
    },
  },
  {
    backup: {
      to: "s3:https://s3.example.org/bucket",
      password: mark("backup.password"),
      secrets: { AWS_SECRET_ACCESS_KEY: mark("backup.secrets.*") },
    },
  },
  {
    auth: {
      kind: "pam",
      passwords: `alice:$6$Kx3dS0rM$${mark("auth.passwords").replaceAll("-", ".")}`,
      ...PEOPLE,
    },
  },
];

const known = new WeakMap<Registration, string>();

/** What a registration's inputs hold, in clear text and in base64; it is asked for each key. */
function texts(registration: Registration): string {
  const text = known.get(registration) ?? read(registration);
  known.set(registration, text);
  return text;
}

function read({ inputs }: Registration): string {
  const json = JSON.stringify(inputs);
  const decoded = [...json.matchAll(/"([A-Za-z0-9+/_-]{40,}={0,2})"/g)].map(([, text = ""]) =>
    Buffer.from(text, "base64").toString("latin1"),
  );
  return [json, ...decoded].join("\n");
}

/** Names of the registrations that have a text, each once. */
const holders = (found: readonly Registration[], text: string): string[] =>
  found.filter((one) => texts(one).includes(text)).map(({ name }) => name);

describe("secrets of the configuration", () => {
  const keys = secretKeys();
  let stacks: StackRunner;

  before(async () => (stacks = await stackRunner()));
  after(() => stacks.close());

  const make = (variant: "single-host" | "lockdown" | "swarm", values: Readonly<Record<string, unknown>>) =>
    stacks.make({ domain: "hub.example.org", variant, ...values });

  it("say who they are for, each of them", () => {
    assert.ok(keys.size >= 9, [...keys.keys()].join(" "));
    for (const [key, readers] of keys) {
      assert.ok(readers.length > 0, `${key} is for nobody`);
    }
    const others = [...keys].filter(([, readers]) => !(readers.length === 1 && readers[0] === "hub"));
    assert.deepEqual(Object.fromEntries(others), {
      "backup.password": ["backup"],
      "backup.secrets.*": ["backup"],
      "database.url": ["hub", "backup"],
      "tls.challenge.environment.*": ["proxy"],
      "swarm.registry.password": ["registry"],
    });
    const written = JSON.stringify(EVERY).replaceAll(".", "-");
    const untried = [...keys.keys()].filter((key) => !written.includes(mark(key)));
    assert.deepEqual(untried, [], "keys that no configuration of this test has");
  });

  /** Resources that a reader's secrets may be in, by the beginnings of their names. */
  const places: Readonly<Record<"one host" | "swarm", Readonly<Record<SecretReader, readonly RegExp[]>>>> = {
    "one host": {
      hub: [/^hub-container$/, /^hub-trial-run$/],
      proxy: [/^proxy-acme-container$/],
      registry: [],
      backup: [/^backup-service-container$/],
      program: [],
    },
    swarm: {
      hub: [/^jupyterhub-dev-hub-/, /^hub-/],
      proxy: [],
      // Services have it in their login for the registry, and what pushes to it is on the machine that runs this program.
      registry: [
        /^docker-filter/,
        /^jupyterhub-dev-docker-filter/,
        /^images-/,
        /-service$|^(hub|proxy|routes-store|pre-puller)/,
      ],
      backup: [],
      program: [],
    },
  };

  for (const [at, values] of EVERY.entries()) {
    for (const variant of ["single-host", "lockdown", "swarm"] as const) {
      const isSwarm = variant === "swarm";
      const isAcme = (values["tls"] as { kind?: string } | undefined)?.kind === "acme";
      if (isSwarm && (isAcme || "backup" in values)) {
        continue;
      }
      it(`reach whom they are for and nobody else: ${variant}, ${Object.keys(values).join(", ")} ${at}`, async () => {
        const { registrations } = await make(variant, {
          ...EVERY[0],
          ...(isSwarm ? {} : { swarm: undefined }),
          ...(!isSwarm && at === 0 ? { swarm: EVERY[0]?.["swarm"] } : {}),
          ...values,
        });
        const { [isSwarm ? "swarm" : "one host"]: allowed } = places;
        for (const [key, readers] of keys) {
          const text = key === "auth.passwords" ? mark(key).replaceAll("-", ".") : mark(key);
          const holding = holders(registrations, text);
          const expected = readers.flatMap((reader) => allowed[reader]);
          const strangers = holding.filter((name) => !expected.some((pattern) => pattern.test(name)));
          assert.deepEqual(strangers, [], key);
          if (expected.length > 0 && JSON.stringify(values).includes(text)) {
            assert.ok(holding.length > 0, `${key} reaches nobody`);
          }
        }
      });
    }
  }

  it("the key of TLS and the limits of the edge are on no volume of anybody but Traefik", async () => {
    for (const variant of ["single-host", "lockdown"] as const) {
      const { registrations } = await make(variant, { auth: { kind: "shared-password", users: ["alice"] } });
      const mounting = (volume: string) =>
        registrations
          .filter(({ inputs }) =>
            ((inputs["volumes"] ?? []) as { volumeName?: string }[]).some(
              ({ volumeName }) => volumeName === volume,
            ),
          )
          .map(({ name }) => name)
          .sort();
      assert.deepEqual(mounting("jupyterhub-dev-proxy-settings"), [
        "proxy-container",
        "proxy-settings-container",
      ]);
      assert.deepEqual(mounting("jupyterhub-dev-proxy-routes"), ["hub-container", "routes-container"]);
      // The key, and what it is in.
      const key = holders(registrations, "PRIVATE KEY-----");
      assert.deepEqual(
        key.filter((name) => !name.startsWith("tls-")),
        ["proxy-settings-container"],
      );
      const limits = holders(registrations, "edge-logins");
      assert.deepEqual(limits, ["proxy-settings-container"]);
    }
  });

  it("the key of TLS is a secret of Traefik alone in a Swarm", async () => {
    const { registrations } = await make("swarm", EVERY[0] ?? {});
    const key = holders(registrations, "PRIVATE KEY-----").filter((name) => !name.startsWith("tls-"));
    assert.ok(key.length > 0);
    assert.deepEqual(
      key.filter((name) => !/^(jupyterhub-dev-)?proxy-/.test(name)),
      [],
    );
  });
});
