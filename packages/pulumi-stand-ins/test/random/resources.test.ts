/** What the random resources make, accept and replace, beyond what was recorded. */
import assert from "node:assert/strict";
import { compareSync } from "bcryptjs";
import fc from "fast-check";
import { type Props, type ResourceDefinition, UNKNOWN } from "../../lib/serve";
import { randomProvider } from "../../random/provider";

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
const importing = (name: string, id: string): ReturnType<ResourceDefinition["read"]> =>
  resource(name).read({ id, urn });

describe("the offline random resources", () => {
  it("make passwords of the asked length and classes", async () => {
    const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
    const minimum = fc.integer({ min: 0, max: 4 });
    await fc.assert(
      fc.asyncProperty(
        minimum,
        minimum,
        minimum,
        minimum,
        fc.integer({ min: 1, max: 30 }),
        async (l, u, n, s, more) => {
          const length = l + u + n + s + more;
          const rules = {
            length,
            minLower: l,
            minUpper: u,
            minNumeric: n,
            minSpecial: s,
            overrideSpecial: "-_",
          };
          const { outputs } = await create("RandomString", rules);
          const text = outputs.result as string;
          assert.equal(text.length, length);
          assert.match(text, /^[\w-]+$/);
          assert.ok(count(text, /[a-z]/g) >= l && count(text, /[A-Z]/g) >= u);
          assert.ok(count(text, /\d/g) >= n && count(text, /[-_]/g) >= s);
        },
      ),
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
    const { outputs } = await create("RandomString", { length: 200, number: false });
    assert.equal(outputs.numeric, false);
    assert.doesNotMatch(outputs.result as string, /\d/);
  });

  it("give one value in several forms", async () => {
    const { id, outputs } = await create("RandomId", { byteLength: 5, prefix: "p-" });
    const hex = (outputs.hex as string).slice(2);
    assert.equal(hex.length, 10);
    assert.equal(Buffer.from(id, "base64url").toString("hex"), hex);
    assert.equal(outputs.dec, `p-${BigInt(`0x${hex}`).toString()}`);
  });

  it("stay in the range of a RandomInteger, the same for the same seed", async () => {
    const results = await Promise.all(
      Array.from(
        { length: 50 },
        async () => (await create("RandomInteger", { min: -1, max: 1 })).outputs.result,
      ),
    );
    assert.deepEqual([...new Set(results)].sort(), [-1, 0, 1]);
    const seeded = await Promise.all(
      ["a", "a"].map(
        async (seed) => (await create("RandomInteger", { min: 0, max: 1e9, seed })).outputs.result,
      ),
    );
    assert.equal(seeded[0], seeded[1]);
  });

  it("shuffle without losing anything, and go round for more results than items", async () => {
    const items = ["a", "b", "c"];
    const sorted = (results: unknown): string[] => [...(results as string[])].sort();
    assert.deepEqual(sorted((await create("RandomShuffle", { inputs: items })).outputs.results), items);
    const { outputs } = await create("RandomShuffle", { inputs: items, resultCount: 6 });
    assert.deepEqual(sorted(outputs.results), ["a", "a", "b", "b", "c", "c"]);
  });

  it("make UUIDs of version 4 and 7", async () => {
    assert.match((await create("RandomUuid", {})).id, /^[\da-f]{8}-[\da-f]{4}-4/);
    assert.match((await create("RandomUuid7", {})).id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab]/);
  });

  it("name pets with a prefix", async () => {
    assert.match(
      (await create("RandomPet", { length: 3, prefix: "x", separator: "_" })).id,
      /^x(_[a-z]+){3}$/,
    );
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
    assert.match((await check("RandomString", { length: "x" })).join(), /expected a whole number, got "x"/);
    const none = { length: 3, lower: false, upper: false, numeric: false, special: false };
    assert.match((await check("RandomString", none)).join(), /At least one attribute/);
    assert.match((await check("RandomInteger", { min: 2, max: 1 })).join(), /^min: The minimum/);
    assert.deepEqual(await check("RandomPassword", { length: UNKNOWN }), []);
  });

  it("replace for every input, and for nothing that means the same", async () => {
    const state = (await create("RandomString", { length: 8, keepers: { a: "1" } })).outputs;
    const diff = (news: Props): ReturnType<ResourceDefinition["diff"]> =>
      resource("RandomString").diff({ id: "x", urn, olds: state, oldInputs: {}, news, ignoreChanges: [] });
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

  it("can be imported so that the next update changes nothing", async () => {
    const cases: [string, string, Props][] = [
      ["RandomPassword", "secret text", { length: 11 }],
      ["RandomString", "abc", { length: 3 }],
      ["RandomId", "p-,VotxbWSIQso", { byteLength: 8, prefix: "p-" }],
      ["RandomInteger", "5,1,9", { min: 1, max: 9 }],
      ["RandomUuid", "4fc32e0e-9cd0-4800-a0e9-f542dba70616", {}],
      ["RandomBytes", "Zza4RQ==", { length: 4 }],
    ];
    for (const [name, id, inputs] of cases) {
      const found = await importing(name, id);
      assert.ok(found, name);
      assert.deepEqual(found.inputs, inputs, name);
      const diff = await resource(name).diff({
        id: found.id,
        urn,
        olds: found.state,
        oldInputs: found.inputs,
        news: inputs,
        ignoreChanges: [],
      });
      assert.equal(diff.changes, "DIFF_NONE", name);
    }
    assert.throws(() => importing("RandomUuid", "x"), /expected a UUID/);
    assert.throws(() => importing("RandomPet", "x"), /cannot be imported/);
  });
});
