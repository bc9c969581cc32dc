import assert from "node:assert/strict";
import { z } from "zod";

import { configJsonSchema, type JsonSchema } from "../../../config/json-schema";
import { flag, oneKind, oneOf, section, sections } from "../../../config/schema/key";

/** Every place of the schema that a value can be wrong at, with its path. */
function nodes(node: JsonSchema = configJsonSchema(), path: readonly string[] = []): [string, JsonSchema][] {
  const { properties = {}, additionalProperties, items, oneOf: kinds = [] } = node;
  const below: [string, JsonSchema][] = [
    ...Object.entries(properties).filter(([name]) => name !== "kind"),
    ...(typeof additionalProperties === "object" ? ([["*", additionalProperties]] as const) : []),
    ...(items === undefined ? [] : ([["[]", items]] as const)),
  ].map(([name, child]) => [name, child]);
  return [
    ...below.flatMap(([name, child]): [string, JsonSchema][] => [
      [[...path, name].join("."), child],
      ...nodes(child, [...path, name]),
    ]),
    ...kinds.flatMap((kind) => nodes(kind, path)),
  ];
}

describe("the schema", () => {
  it("says of each value what is expected, and gives one that will do", () => {
    const bare = nodes().filter(
      ([path, { expected, example }]) =>
        // What JupyterLab's plugins take is theirs to say.
        (expected === undefined || example === undefined) &&
        !path.startsWith("notebook.jupyterlab.overrides."),
    );
    assert.deepEqual(
      bare.map(([path]) => path),
      [],
    );
  });
});

describe("what is expected of a key", () => {
  const doc = { description: "x", example: {} };
  const word = z.string();
  const cases: readonly [string, z.ZodType, string][] = [
    ["a section", section({ a: word, b: word }, doc), "a map with the keys a, b"],
    ["a section of one key", section({ a: word }, doc), "a map with the key a"],
    [
      "a list of sections",
      sections({ a: word, b: word }, { ...doc, example: [{}] }),
      "a list of maps with the keys a, b",
    ],
    [
      "kinds",
      oneKind([z.strictObject({ kind: z.literal("a") }), z.strictObject({ kind: z.literal("b") })], doc),
      "a map whose kind is a or b",
    ],
    ["a flag", flag(doc), "true or false"],
    ["one word", oneOf(["a"], doc), "a"],
    ["words", oneOf(["a", "b", "c"], doc), "a, b or c"],
    ["words that YAML takes for numbers", oneOf(["1.2", "1.3"], doc), '"1.2" or "1.3"'],
  ];
  for (const [what, schema, expected] of cases) {
    it(`follows from its type: ${what}`, () => {
      assert.equal(schema.meta()?.expected, expected);
    });
  }
});
