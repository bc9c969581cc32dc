import assert from "node:assert/strict";
import fc from "fast-check";

import { formatErrors, formatKey } from "../../../config/errors";
import { parseConfig } from "../../../config/parse";
import { keys } from "../../../config/schema";
import { configOf, contextWith, messagesOf, MINIMAL } from "./support";

const KEYS = Object.keys(keys);

/** Stack files as an administrator in trouble writes them: some known keys, some not, with anything in them. */
const anyValues = fc.dictionary(
  fc.oneof(fc.constantFrom(...KEYS), fc.string()),
  fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
    fc.json(),
    fc.string(),
  ),
);

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,30}$/), {
  minLength: 1,
  maxLength: 20,
});
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 2, maxLength: 2 });

/** Values that are all right. */
const goodValues = fc.record(
  {
    domain: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
    auth: fc.record({ kind: fc.constant("shared-password"), users: names }),
    ports: ports.map(([https, http]) => ({ https, http })),
    notebook: fc.record(
      {
        startPage: fc.constantFrom("lab", "notebook", "/", "/lab/tree/x"),
        environment: fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,20}$/), fc.string()),
        limits: fc.record(
          {
            memory: fc.integer({ min: 64, max: 100_000 }).map((number) => `${number}m`),
            cpus: fc.integer({ min: 1, max: 64 }),
            processes: fc.integer({ min: 64, max: 100_000 }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
    hub: fc.record({ logLevel: fc.constantFrom("DEBUG", "INFO", "ERROR") }),
    storage: fc.record({ retain: fc.boolean() }),
  },
  { requiredKeys: ["domain", "auth"] },
);

function assertFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  assert.ok(Object.isFrozen(value));
  Object.values(value).forEach(assertFrozen);
}

describe("any configuration", () => {
  it("gives a result, never an exception, and every error can be shown", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const result = parseConfig(values, contextWith());
        if ("errors" in result) {
          assert.ok(result.errors.length > 0);
          assert.match(formatErrors(result.errors, "dev"), /^The configuration of stack "dev" has /);
          assert.ok(result.errors.every(({ key }) => key.startsWith("jupyterhub:")));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("may have a map that has no text in the place of a word or a flag", () => {
    const map: unknown = Object.create(null);
    for (const values of [{ variant: map }, { proxy: { accessLog: map } }]) {
      assert.equal(messagesOf(parseConfig({ ...MINIMAL, ...values }, contextWith())).length, 1);
    }
  });

  it("with an unknown key names it", () => {
    const unknown = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "kind"));
    fc.assert(
      fc.property(
        unknown.filter((name) => !KEYS.includes(name)),
        fc.anything(),
        (name, value) => {
          const values = Object.fromEntries([...Object.entries(MINIMAL), [name, value]]);
          const messages = messagesOf(parseConfig(values, contextWith()));
          assert.equal(messages.length, 1);
          assert.ok(messages[0]?.startsWith(`${formatKey("jupyterhub", [name])}: expected `));
        },
      ),
    );
  });

  it("with an unknown key inside a value names it", () => {
    const maps: (readonly string[])[] = [
      ["ports"],
      ["tls"],
      ["auth"],
      ["notebook"],
      ["notebook", "image"],
      ["notebook", "limits"],
      ["storage"],
      ["storage", "homes"],
      ["database"],
      ["hub"],
      ["proxy"],
      ["docker"],
      ["logging"],
    ];
    const unknown = fc.string().map((text) => `x-${text}`);
    fc.assert(
      fc.property(fc.constantFrom(...maps), unknown, (path, name) => {
        const [top = "", ...rest] = path;
        const inner = rest.reduceRight<object>((below, step) => ({ [step]: below }), { [name]: 1 });
        const messages = messagesOf(parseConfig({ ...MINIMAL, [top]: JSON.stringify(inner) }, contextWith()));
        const key = formatKey("jupyterhub", [...path, name]);
        assert.ok(
          messages.some(
            (message) => message.startsWith(`${key}: expected `) && / unknown key\./.test(message),
          ),
        );
      }),
    );
  });

  it("that is secret shows none of its values", () => {
    const secret = fc.stringMatching(/^s3cr3t[A-Z]{8}$/);
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), secret, fc.boolean(), (key, value, nested) => {
        const given = nested
          ? { kind: value, host: value, https: value, image: value, logLevel: value }
          : value;
        const context = contextWith({}, { secretKeys: new Set([key]) });
        const messages = messagesOf(parseConfig({ ...MINIMAL, [key]: given }, context));
        assert.ok(!messages.join("\n").includes(value));
      }),
    );
  });
});

describe("any good configuration", () => {
  it("is taken, frozen all the way down", () => {
    fc.assert(
      fc.property(goodValues, (values) => {
        assertFrozen(configOf(parseConfig(values, contextWith())));
      }),
    );
  });

  it("gives the same from JSON text, and in any order of keys", () => {
    fc.assert(
      fc.property(goodValues, (values) => {
        const asText = Object.entries(values)
          .reverse()
          .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
        const expected = JSON.stringify(configOf(parseConfig(values, contextWith())));
        assert.equal(
          JSON.stringify(
            configOf(parseConfig(Object.fromEntries(asText) as Record<string, unknown>, contextWith())),
          ),
          expected,
        );
      }),
    );
  });

  it("keeps what was written", () => {
    fc.assert(
      fc.property(goodValues, (values) => {
        const config = configOf(parseConfig(values, contextWith()));
        assert.equal(config.domain, values.domain.toLowerCase());
        assert.deepEqual("users" in config.auth && config.auth.users, values.auth.users);
        assert.equal(config.ports.https, values.ports?.https ?? 443);
        assert.equal(config.storage.retain, values.storage?.retain ?? true);
        assert.deepEqual({ ...config.notebook.environment }, { ...values.notebook?.environment });
      }),
    );
  });
});
