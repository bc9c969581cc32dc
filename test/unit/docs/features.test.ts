import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..", "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

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

/** Whether a file has a test with this title: of mocha, or a function of pytest. */
function hasTest(file: string, title: string): boolean {
  const text = read(file);
  if (file.endsWith(".py")) return text.includes(`\ndef ${title}(`);
  return ['"', "'", "`"].some((quote) => text.includes(`it(${quote}${title}${quote},`));
}

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
    const named = [...FEATURES.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\): (.*?)(?=<br>| +\|)/g)];
    assert.ok(named.length > 100, `${named.length} tests`);
    for (const [, name = "", file = "", title = ""] of named) {
      assert.ok(existsSync(join(ROOT, file)) && file.endsWith(`/${name}`), `no file ${file}`);
      assert.ok(hasTest(file, title), `${file} has no test "${title}"`);
    }
    assert.equal(ROWS.filter((row) => !row.includes("](../test/")).length, 0);
  });
});
