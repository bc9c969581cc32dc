/** Property values survive the way to a plugin and back. */
import assert from "node:assert/strict";
import fc from "fast-check";

import {
  hasUnknown,
  type Json,
  type JsonObject,
  marshal,
  SIGNATURE_KEY,
  SIGNATURES,
  UNKNOWN_TEXT,
  unmarshal,
} from "../../lib/marshal";
import { UNKNOWN } from "../../lib/serve";

const signed = (kind: keyof typeof SIGNATURES, fields: JsonObject): JsonObject => ({
  [SIGNATURE_KEY]: SIGNATURES[kind],
  ...fields,
});

const key = fc.string({ minLength: 1 }).filter((name) => name !== SIGNATURE_KEY && name !== "__proto__");
const { value: wire } = fc.letrec<{ value: Json; plain: Json }>((tie) => ({
  plain: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.string(),
    fc.constant(UNKNOWN_TEXT),
    fc.array(tie("plain"), { maxLength: 4 }),
    fc.dictionary(key, tie("plain"), { maxKeys: 4, noNullPrototype: true }),
  ),
  // The engine never wraps a secret in a secret.
  value: fc.oneof(
    { depthSize: "small" },
    tie("plain"),
    tie("plain").map((value) => signed("secret", { value })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("marshalling", () => {
  it("round trips everything that the engine sends", () => {
    fc.assert(
      fc.property(fc.dictionary(key, wire, { maxKeys: 5, noNullPrototype: true }), (struct) => {
        const { props, secrets } = unmarshal(struct);
        assert.deepEqual(marshal(props, secrets), struct);
      }),
    );
  });

  it("unwraps secrets, and says where they were", () => {
    const { props, secrets } = unmarshal({
      a: signed("secret", { value: { b: "x" } }),
      c: [1, signed("secret", { value: 2 })],
      d: { e: "plain" },
    });
    assert.deepEqual(props, { a: { b: "x" }, c: [1, 2], d: { e: "plain" } });
    assert.deepEqual(secrets, { a: true, c: { 1: true } });
  });

  it("knows unknowns of every kind", () => {
    const { props } = unmarshal({ a: UNKNOWN_TEXT, b: "3eeb2bf0-c639-47a8-9e75-3b44932eb421", c: "text" });
    assert.deepEqual(props, { a: UNKNOWN, b: UNKNOWN, c: "text" });
    assert.ok(hasUnknown({ deep: [{ a: UNKNOWN }] }));
    assert.ok(!hasUnknown({ deep: [{ a: 1 }], b: "x" }));
  });

  it("flattens output values", () => {
    const { props, secrets } = unmarshal({
      known: signed("output", { value: "x", dependencies: ["urn:a"] }),
      hidden: signed("output", { value: "x", secret: true }),
      unknown: signed("output", {}),
    });
    assert.deepEqual(props, { known: "x", hidden: "x", unknown: UNKNOWN });
    assert.deepEqual(secrets, { hidden: true });
  });

  it("refuses assets and archives", () => {
    assert.throws(() => unmarshal({ a: signed("asset", { path: "/x" }) }), /do not take assets and archives/);
    assert.throws(() => unmarshal({ a: [signed("archive", { path: "/x" })] }), /do not take assets/);
  });

  it("leaves out what is not there, and refuses what is no property", () => {
    assert.deepEqual(marshal({ a: undefined, b: null }), { b: null });
    assert.throws(() => marshal({ a: () => 1 }), /expected a property value, got a function/);
  });
});
