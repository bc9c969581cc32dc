import assert from "node:assert/strict";

import { table } from "../../../tasks/table";

describe("a table", () => {
  it("shows names of the engine as text that no terminal obeys", () => {
    assert.equal(table([["user"], ["a\u001b[2J\n"]]), "user\na\\u{1b}[2J\\u{a}\n");
  });
  it("has columns of equal width", () => {
    assert.equal(
      table([
        ["A", "B"],
        ["long", "x"],
        ["", ""],
      ]),
      "A     B\nlong  x\n\n",
    );
  });
});
