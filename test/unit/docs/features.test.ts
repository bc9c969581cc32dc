import assert from "node:assert/strict";
import { assertNamedTests, read } from "./named-tests";

const FEATURES = read("docs/features.md");
/** Rows of all tables that name keys and tests. */
const ROWS = FEATURES.split("\n").filter(
  (line) => line.includes("configuration.md#") || line.includes("](../test/"),
);

/** Anchors as GitHub makes them. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

describe("docs/features.md", () => {
  it("has rows for every system", () => {
    assert.ok(ROWS.length > 80, `${ROWS.length} rows`);
    for (const system of ["000", "001", "003", "004"]) {
      assert.ok(ROWS.filter((row) => row.split("|")[2]?.includes(system)).length > 15, system);
    }
  });

  it("names keys that there are, at places that there are", () => {
    const headings = [...read("docs/configuration.md").matchAll(/^#{2,4} (.*)$/gm)].map(
      ([, text = ""]) => text,
    );
    const keys = new Set([...headings.map((text) => text.split(" ")[0]), "auth.kind", "database.kind"]);
    const anchors = new Set(headings.map(anchor));
    const links = [...FEATURES.matchAll(/\[`([^`]+)`\]\(configuration\.md#([^)]+)\)/g)];
    assert.ok(links.length > 100, `${links.length} links`);
    for (const [, key = "", place = ""] of links) {
      assert.ok(keys.has(key), `no key ${key}`);
      assert.ok(anchors.has(place), `no place configuration.md#${place}`);
    }
  });

  it("names tests that there are", () => {
    assertNamedTests(FEATURES, 101);
    assert.equal(ROWS.filter((row) => !row.includes("](../test/")).length, 0);
  });
});
