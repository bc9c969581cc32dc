import assert from "node:assert/strict";

import { formatDuration, parseDuration } from "../../../../config/values/duration";

describe("durations", () => {
  for (const [text, seconds] of [
    ["90s", 90],
    ["10m", 600],
    ["8h", 28_800],
    ["7d", 604_800],
    ["15", 15],
    [15, 15],
    ["0s", 0],
  ] as const) {
    it(`${text} is ${seconds} s`, () => {
      assert.equal(parseDuration(text), seconds);
    });
  }
  for (const text of ["", "1 h", "1.5h", "-1s", "1w", "h", 1.5, -1]) {
    it(`${JSON.stringify(text)} is none`, () => {
      assert.equal(parseDuration(text), undefined);
    });
  }
  it("are shown in the largest unit that takes them whole", () => {
    assert.deepEqual([1, 90, 600, 3600, 86_400, 90_000].map(formatDuration), [
      "1s",
      "90s",
      "10m",
      "1h",
      "1d",
      "25h",
    ]);
  });
});
