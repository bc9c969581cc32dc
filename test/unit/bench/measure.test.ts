import assert from "node:assert/strict";

import { line, median, pair } from "../../../bench/measure";

describe("median", () => {
  for (const [values, expected] of [
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ] as const) {
    it(`of ${values.join(", ")} is ${expected}`, () => {
      assert.equal(median(values), expected);
    });
  }
  it("of nothing is refused", () => {
    assert.throws(() => median([]), /nothing/);
  });
});

describe("pair", () => {
  it("runs both in turn, restores after each, and counts all but the first pair", async () => {
    const log: string[] = [];
    const note = (what: string) => () => Promise.resolve(log.push(what));
    const { a, b } = await pair(2, note("a"), note("b"), note("-"));
    assert.equal(log.join(""), "a-b-a-b-a-b-");
    assert.deepEqual([a.length, b.length], [2, 2]);
  });
});

describe("line", () => {
  const times = { a: [4], b: [2] };
  it("keeps a ratio", () => {
    assert.deepEqual(line("x", times, { ratio: 2 }), {
      kept: true,
      text: "✔ x: 4.00 s against 2.00 s (2.00 times, at most 2)",
    });
  });
  it("breaks a ratio", () => {
    assert.equal(line("x", times, { ratio: 1.9 }).kept, false);
  });
  it("keeps and breaks a difference", () => {
    assert.deepEqual(line("x", times, { seconds: 1 }), {
      kept: false,
      text: "✖ x: 4.00 s against 2.00 s (2.00 s more, at most 1 s)",
    });
    assert.equal(line("x", times, { seconds: 2 }).kept, true);
  });
});
