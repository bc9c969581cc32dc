import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { read } from "./named-tests";

const FOLDER = join(__dirname, "../../../docs/decisions");
const PAGES = readdirSync(FOLDER)
  .filter((name) => name !== "README.md")
  .sort();

describe("docs/decisions", () => {
  it("numbers its pages without a gap", () => {
    assert.deepEqual(
      PAGES.map((name) => Number(name.slice(0, 4))),
      PAGES.map((_, index) => index + 1),
    );
  });

  it("lists each page under its title", () => {
    const list = read("docs/decisions/README.md")
      .split("\n")
      .filter((line) => line.startsWith("- "));
    assert.deepEqual(
      list,
      PAGES.map((name) => `- [${read(`docs/decisions/${name}`).split("\n")[0]?.slice(2)}](${name})`),
    );
  });

  for (const name of PAGES) {
    it(`${name} is one short, dated page`, () => {
      const lines = read(`docs/decisions/${name}`).trimEnd().split("\n");
      assert.match(lines[0] ?? "", new RegExp(`^# ${Number(name.slice(0, 4))}\\. \\S`));
      assert.match(lines[2] ?? "", /^20\d\d-\d\d-\d\d$/);
      assert.deepEqual(
        lines.filter((line) => line.startsWith("## ")),
        ["## Context", "## Decision", "## Consequences"],
      );
      assert.ok(lines.length <= 40, `${lines.length} lines`);
    });
  }
});
