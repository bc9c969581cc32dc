import assert from "node:assert/strict";

import { assertNamedTests, read } from "./named-tests";

const PAGE = read("docs/threat-model.md");

describe("docs/threat-model.md", () => {
  it("names tests that there are, one at least for each attack", () => {
    assertNamedTests(PAGE, 30);
    const attacks = PAGE.split("\n").filter(
      (line) => line.startsWith("| ") && !/^\| (attack|---)/.test(line),
    );
    assert.ok(attacks.length > 20, `${attacks.length} attacks`);
    for (const row of attacks) {
      assert.ok(row.includes("](../test/"), row);
    }
  });
});
