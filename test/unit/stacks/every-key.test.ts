/** From the configuration to the hub's file and to Traefik's: no key is carried by hand, so none can be forgotten. */
import assert from "node:assert/strict";

import { hubSettings } from "../../../components/hub/settings";
import { tlsConfiguration } from "../../../components/proxy/dynamic-configuration";
import { edgeConfiguration } from "../../../components/proxy/edge";
import { staticSettings } from "../../../components/proxy/static-configuration";
import type { HubConfig } from "../../../config";
import { configJsonSchema, type JsonSchema, kindsOf } from "../../../config/json-schema";
import { hubUrl, proxyEdge } from "../../../stacks/edge";
import { dockerWiring, hubConfig, swarmWiring } from "../components/hub-settings";
import { files, least, logins, rich } from "./written";

const config = hubConfig(rich["single-host"], files);
const inSwarm = hubConfig(rich.swarm, files);
const wiring = { ...dockerWiring, postgres: { host: "h", port: 1, name: "n", user: "u" } };

/** What differs between two values, by path. */
function differences(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) {
    return [];
  }
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isMap(before) || !isMap(after)) {
    return [path];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differences(before[name], after[name], `${path}/${name}`));
}

const PROBE = { aKeyThatIsNewInTheSchema: "value" };

/** A copy with a key that no code knows in the map at a path; `*` is the first of a list or map. */
function withProbe<T>(value: T, path: readonly string[]): T {
  const [step, ...rest] = path;
  if (step === undefined) {
    return { ...value, ...PROBE };
  }
  const entries = Object.entries(value as object) as [string, unknown][];
  const name = step === "*" ? entries[0]?.[0] : step;
  assert.ok(
    entries.some(([one]) => one === name),
    `no ${step} to put something into`,
  );
  const changed = entries.map(([one, item]) => [one, one === name ? withProbe(item, rest) : item] as const);
  return (Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed)) as T;
}

describe("a key that is new in the schema", () => {
  for (const [path, place] of [
    ["hub", "/hub"],
    ["hub.loginLockout", "/hub/loginLockout"],
    ["hub.announcement", "/pages/announcement"],
    ["hub.roles.*", "/access/roles/1"],
    ["hub.services.*", "/access/services/1"],
    ["servers", "/servers"],
    ["servers.idle", "/servers/idle"],
    ["servers.idle.exceptions.*", "/servers/idle/exceptions/1"],
    ["notebook", "/spawner"],
    ["notebook.limits", "/spawner/limits"],
    ["notebook.profiles.*", "/spawner/profiles/0"],
    ["notebook.profiles.*.limits", "/spawner/profiles/0/limits"],
    ["storage", "/storage"],
    ["storage.volumes.*", "/storage/volumes/0"],
    ["storage.owner", "/storage"],
    ["groups.*", "/groups/physics"],
    ["groups.*.limits", "/groups/physics/limits"],
    ["users.*", "/users/bob"],
    ["users.*.limits", "/users/bob/limits"],
    ["auth", "/auth"],
    ["swarm.notebooks", "/spawner"],
  ] as const) {
    it(`of ${path} is in the hub's file, once, with no code that names it`, () => {
      const isOfSwarm = path.startsWith("swarm");
      const [before, made] = isOfSwarm ? [inSwarm, swarmWiring] : [config, wiring];
      const after = withProbe<HubConfig<string>>(before, path.split("."));
      assert.deepEqual(differences(hubSettings(before, made), hubSettings(after, made)), [
        `${place}/aKeyThatIsNewInTheSchema`,
      ]);
    });
  }
});

/** A value of the configuration, by its place in the schema and in one configuration. */
interface Leaf {
  /** With the kind of each union, and `*` for what is under a name or a number: `storage.homes<tree>.root`. */
  readonly key: string;
  readonly place: readonly string[];
  readonly schema: JsonSchema;
}

const below = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** All leaves of the schema that a configuration has a place for: of unions those of the kind that it is of. */
function* leaves(
  schema: JsonSchema,
  value: unknown,
  key = "",
  place: readonly string[] = [],
): Generator<Leaf> {
  const kinds = kindsOf(schema);
  if (kinds !== undefined) {
    const kind = below(value, "kind");
    const option = kinds.find(({ properties }) => properties?.["kind"]?.const === kind);
    if (option !== undefined) {
      yield* leaves({ ...option, oneOf: undefined }, value, `${key}<${String(kind)}>`, place);
    }
    return;
  }
  if (schema.properties !== undefined) {
    for (const [name, one] of Object.entries(schema.properties)) {
      if (name === "kind") {
        continue;
      }
      yield* leaves(one, below(value, name), key === "" ? name : `${key}.${name}`, [...place, name]);
    }
    return;
  }
  const named = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  const items =
    schema.items?.properties === undefined && schema.items?.oneOf === undefined ? undefined : schema.items;
  const one = named ?? items;
  if (one === undefined) {
    yield { key, place, schema };
    return;
  }
  for (const [name, item] of Object.entries(value ?? {})) {
    yield* leaves(one, item, `${key}.*`, [...place, name]);
  }
}

/** Another value of the same kind. */
function other(value: unknown, { example, enum: words = [] }: JsonSchema): unknown {
  if (words.length > 1) {
    return words.find((word) => word !== value);
  }
  if (Array.isArray(value)) {
    return [...(value as unknown[]), typeof value[0] === "number" ? 65_000 : "zzz"];
  }
  switch (typeof value) {
    case "string":
      return `${value}x`;
    case "number":
      return value + 1;
    case "boolean":
      return !value;
    default:
      return value === null ? 7 : example;
  }
}

function changed(value: unknown, [name, ...rest]: readonly string[], schema: JsonSchema): unknown {
  if (name === undefined) {
    return other(value, schema);
  }
  if (!Array.isArray(value)) {
    return { ...(value as object), [name]: changed(below(value, name), rest, schema) };
  }
  return value.map((item: unknown, at) => (String(at) === name ? changed(item, rest, schema) : item));
}

/** What is not in the hub's file: other parts of the stack have it, or the hub has it as a file. */
const NOT_IN_THE_FILE = [
  // Which file it is.
  /^variant$/,
  // In an address, in names and labels: the stack puts them together.
  /^(name|domain|ports\..*)$/,
  // Others' affairs.
  /^(tls|dns|docker|network|egress|proxy|backup)[.<]/,
  /^edge\.(?!userSubdomains$)/,
  /^swarm\.(?!notebooks\.)/,
  // Images are there by their ids, people's homes by where they are.
  /^(hub|notebook|notebook\.profiles\.\*|database<postgres>)\.(image|jupyterlab|memory)([.<]|$)/,
  /^storage\.retain$/,
  // The Docker filter's.
  /^storage\.homes<volume>\.takenOver$/,
  // How long Pulumi waits.
  /^hub\.startTimeout$/,
  // Files of their own, at places that are always the same.
  /^hub\.(logo|templates|staticFiles|services\.\*\.token|extraConfig<\w+>\.(path|text|parts[.<].*))$/,
  /^(database<url>\.(url|ca)|auth<[\w-]+>\.(caFile|usersFile))$/,
  // Whom the login puts into a group is the hub's to know.
  /^groups\.\*\.fromLogin$/,
];

/** What others go by, where they say nothing themselves. */
const SEVERAL_TIMES = [
  /^servers\.idle\.(timeout|maxAge)$/,
  /^storage\.homes<\w+>\.mountPath$/,
  /^logging\.driver$/,
];

describe("each value of the configuration", () => {
  const written = [
    ...Object.values(logins).map((auth) => ({ ...least["single-host"], auth })),
    ...Object.values(rich),
  ];
  const counts = new Map<string, number[]>();
  for (const one of written) {
    const before = hubConfig(one, files);
    const render = (it: HubConfig<string>) =>
      it.variant === "swarm"
        ? hubSettings(it, { ...swarmWiring, storage: it.storage })
        : hubSettings(it, wiring);
    const known = render(before);
    for (const { key, place, schema } of leaves(configJsonSchema(), before)) {
      if (key === "variant") {
        continue;
      }
      const after = render(changed(before, place, schema) as HubConfig<string>);
      counts.set(key, [...(counts.get(key) ?? []), differences(known, after).length]);
    }
  }
  const matches = (list: readonly RegExp[], key: string) => list.some((pattern) => pattern.test(key));

  it("is at one place of the hub's file, or not the hub's", () => {
    const wrong = [...counts].filter(([key, found]) => {
      // In a Swarm a few have another meaning, and values of rules that hold already change nothing.
      const most = Math.max(...found);
      if (matches(NOT_IN_THE_FILE, key)) {
        return key !== "name" && most > 0;
      }
      return matches(SEVERAL_TIMES, key) ? most < 1 : most !== 1;
    });
    assert.deepEqual(wrong, []);
    assert.ok(counts.size > 250, `only ${counts.size} values were looked at`);
  });

  it("has no exception that is none", () => {
    const keys = ["variant", ...counts.keys()];
    const unused = [...NOT_IN_THE_FILE, ...SEVERAL_TIMES].filter(
      (pattern) => !keys.some((key) => pattern.test(key)),
    );
    assert.deepEqual(unused, []);
  });
});

/** What of these sections is not Traefik's. */
const NOT_TRAEFIKS = [
  "proxy.image",
  // What the engine publishes; that plain HTTP is answered at all is Traefik's.
  "ports.address",
  "ports.http",
  // Of the certificate, and of the hub.
  "edge.servedDomains",
  "edge.userSubdomains",
];

describe("each value of edge, ports and proxy", () => {
  const render = (it: HubConfig<string>): string => {
    // Of its secrets nothing is looked at.
    const whole = it as unknown as HubConfig;
    const edge = proxyEdge(whole, hubUrl(whole), "10.200.0.0/24");
    const listener = { kind: "certificate" } as const;
    const own = { listener, pollInterval: "1s", apiHost: "" };
    return JSON.stringify([
      staticSettings({ ...it.proxy, ports: it.ports, edge, ...own }),
      tlsConfiguration(edge.minimumTls),
      edgeConfiguration(edge),
    ]);
  };
  it("is in Traefik's configuration, or not Traefik's", () => {
    const seen = [...leaves(configJsonSchema(), config)].filter(({ key }) =>
      /^(edge|ports|proxy)\./.test(key),
    );
    const lost = seen.filter(
      ({ place, schema }) => render(changed(config, place, schema) as HubConfig<string>) === render(config),
    );
    assert.deepEqual(lost.map(({ key }) => key).sort(), [...NOT_TRAEFIKS].sort());
    assert.ok(seen.length > 15, `only ${seen.length} values were looked at`);
  });
});
