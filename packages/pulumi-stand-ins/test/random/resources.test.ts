/** What the random resources make, accept and replace, beyond what was recorded. */
import assert from "node:assert/strict";
import { compareSync } from "bcryptjs";
import fc from "fast-check";

import { type Props, type ResourceDefinition, UNKNOWN } from "../../lib/serve";
import { randomProvider } from "../../random/provider";
import { randomText } from "../../random/text";

const { resources } = randomProvider();

function resource(name: string): ResourceDefinition {
  const token = Object.keys(resources).find((key) => key.endsWith(`:${name}`));
  const found = token === undefined ? undefined : resources[token];
  assert.ok(found, `no resource ${name}`);
  return found;
}

const never = new AbortController().signal;
const quiet = (): void => undefined;
const log = { info: quiet, warn: quiet, error: quiet, status: quiet };
const urn = "urn:pulumi:dev::project::type::name";

const create = (name: string, inputs: Props): Promise<{ id: string; outputs: Props }> =>
  resource(name).create({ urn, inputs, preview: false, log, signal: never });
const check = async (name: string, news: Props): Promise<string[]> =>
  ((await resource(name).check({ urn, news })).failures ?? []).map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
describe("the random resources of the stand-in plugin", () => {
  it("make text of the asked length and classes", () => {
    const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
    const least = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(least, least, least, least, fc.integer({ min: 1, max: 30 }), (l, u, n, s, more) => {
        const length = l + u + n + s + more;
        const text = randomText({
          length,
          lower: true,
          upper: true,
          numeric: true,
          special: true,
          minLower: l,
          minUpper: u,
          minNumeric: n,
          minSpecial: s,
          overrideSpecial: "-_",
        });
        assert.equal(text.length, length);
        assert.match(text, /^[\w-]+$/);
        assert.ok(count(text, /[a-z]/g) >= l && count(text, /[A-Z]/g) >= u);
        assert.ok(count(text, /\d/g) >= n && count(text, /[-_]/g) >= s);
      }),
    );
  });

  it("hash passwords with bcrypt", async () => {
    const { id, outputs } = await create("RandomPassword", { length: 20, special: false });
    assert.equal(id, "none");
    assert.match(outputs.result as string, /^[a-zA-Z0-9]{20}$/);
    assert.match(outputs.bcryptHash as string, /^\$2a\$10\$/);
    assert.ok(compareSync(outputs.result as string, outputs.bcryptHash as string));
  });

  it("take `number` as the old name of `numeric`", async () => {
    const { outputs } = await create("RandomPassword", { length: 200, number: false });
    assert.equal(outputs.numeric, false);
    assert.doesNotMatch(outputs.result as string, /\d/);
  });

  it("give bytes in two forms", async () => {
    const { id, outputs } = await create("RandomBytes", { length: 5 });
    assert.equal(outputs.base64, id);
    assert.equal(Buffer.from(id, "base64").toString("hex"), outputs.hex);
    assert.match(outputs.hex as string, /^[\da-f]{10}$/);
  });

  it("refuse what cannot be made", async () => {
    assert.match((await check("RandomPassword", {})).join(), /^length: Missing required argument/);
    assert.match(
      (await check("RandomPassword", { length: 0 })).join(),
      /length value must be at least 1, got: 0/,
    );
    assert.match(
      (await check("RandomPassword", { length: 3, minLower: 4 })).join(),
      /at least sum of .*\(4\), got: 3/,
    );
    assert.match((await check("RandomPassword", { length: "x" })).join(), /expected a whole number, got "x"/);
    const none = { length: 3, lower: false, upper: false, numeric: false, special: false };
    assert.match((await check("RandomPassword", none)).join(), /At least one attribute/);
    assert.deepEqual(await check("RandomPassword", { length: UNKNOWN }), []);
  });

  it("replace for every input, and for nothing that means the same", async () => {
    const state = (await create("RandomPassword", { length: 8, keepers: { a: "1" } })).outputs;
    const diff = (news: Props): ReturnType<ResourceDefinition["diff"]> =>
      resource("RandomPassword").diff({ id: "x", urn, olds: state, oldInputs: {}, news, ignoreChanges: [] });
    assert.equal((await diff({ length: 8, keepers: { a: "1" }, upper: true })).changes, "DIFF_NONE");
    assert.deepEqual(await diff({ length: 9, keepers: { a: "2", b: "1" } }), {
      changes: "DIFF_SOME",
      replaces: ["keepers", "length"],
      diffs: ["keepers", "length"],
      detailedDiff: {
        "keepers.a": { kind: "UPDATE_REPLACE" },
        "keepers.b": { kind: "ADD_REPLACE" },
        length: { kind: "UPDATE_REPLACE" },
      },
    });
    assert.deepEqual((await diff({ length: 8, keepers: { a: UNKNOWN } })).detailedDiff, {
      "keepers.a": { kind: "UPDATE_REPLACE" },
    });
    assert.deepEqual((await diff({ length: 8 })).detailedDiff, { keepers: { kind: "DELETE_REPLACE" } });
  });

  it("cannot be imported", () => {
    assert.throws(() => resource("RandomPassword").read({ id: "x", urn }), /cannot be imported/);
  });
});
