import assert from "node:assert/strict";

import { anchorOf, type Feature, parseFeatures, testsOf } from "../../../docs/features";
import { assertTests, read } from "./named-tests";

const SECTIONS = parseFeatures(read("docs/features.yaml"));
const FEATURES = SECTIONS.flatMap(({ features }) => features);
const PAGE = read("docs/features.md");
const ROWS = PAGE.split("\n").filter((line) => line.startsWith("| "));

const ids = (features: readonly Feature[]) => features.map(({ id }) => id);

describe("docs/features.yaml", () => {
  it("has rows for every system, each with an id of its own", () => {
    assert.ok(FEATURES.length > 120, `${FEATURES.length} rows`);
    assert.equal(new Set(ids(FEATURES)).size, FEATURES.length);
    for (const system of ["000", "001", "002", "003", "004"]) {
      const count = FEATURES.filter(({ systems = [] }) => systems.includes(system)).length;
      assert.ok(count >= 15, `${system}: ${count} rows`);
    }
  });

  it("names keys that there are", () => {
    const headings = [...read("docs/configuration.md").matchAll(/^#{2,4} (\S+)/gm)].map(
      ([, key = ""]) => key,
    );
    const keys = new Set([...headings, "auth.kind", "database.kind"]);
    const named = FEATURES.flatMap(({ keys: own = [] }) => own);
    assert.ok(named.length > 100, `${named.length} keys`);
    assert.deepEqual(
      named.filter((key) => !keys.has(key)),
      [],
    );
  });

  it("says of what is obsolete what replaces it, and of nothing else", () => {
    const obsolete = FEATURES.filter(({ status }) => status === "obsolete");
    assert.deepEqual(ids(FEATURES.filter(({ instead }) => instead)), ids(obsolete));
  });

  it("names tests that there are, one at least for each feature", () => {
    const available = FEATURES.filter(({ status }) => status !== "obsolete");
    assert.deepEqual(ids(available.filter((feature) => testsOf(feature).length === 0)), []);
    assertTests(FEATURES.flatMap(testsOf));
  });
});

describe("docs/features.md", () => {
  it("has short rows: no cell over 200 characters, no row over 250", () => {
    assert.ok(ROWS.length > FEATURES.length);
    const cells = ROWS.flatMap((row) => row.split(" | "));
    assert.deepEqual(
      cells.filter((cell) => cell.length > 200),
      [],
    );
    assert.deepEqual(
      ROWS.filter((row) => row.length > 250),
      [],
    );
  });

  it("defines each link once, and leads to places that there are", () => {
    const anchors = new Set(
      [...read("docs/configuration.md").matchAll(/^#{2,4} (.*)$/gm)].map(([, text = ""]) => anchorOf(text)),
    );
    const definitions = new Map(
      [...PAGE.matchAll(/^\[(.+)\]: (\S+)$/gm)].map(([, label = "", to = ""]) => [label, to]),
    );
    const used = ROWS.flatMap((row) =>
      [...row.matchAll(/\[([^[\]]+)\](?!\[)/g)].map(([, label = ""]) => label),
    );
    assert.ok(used.length > 200, `${used.length} links`);
    assert.deepEqual(
      used.filter((label) => !definitions.has(label)),
      [],
    );
    const places = [...definitions.values()].filter((to) => to.startsWith("configuration.md#"));
    assert.deepEqual(
      places.filter((to) => !anchors.has(to.split("#")[1] ?? "")),
      [],
    );
  });
});
