import assert from "node:assert/strict";
import fc from "fast-check";

import { formatSize, parseSize } from "../../../../config/values/size";

describe("sizes", () => {
  const valid: [string | number, number][] = [
    [0, 0],
    ["0", 0],
    ["0b", 0],
    ["350m", 367_001_600],
    ["350M", 367_001_600],
    ["1G", 1_073_741_824],
    ["1g", 1_073_741_824],
    ["1GB", 1_073_741_824],
    ["1GiB", 1_073_741_824],
    ["1.5k", 1536],
    ["0.3b", 0],
    ["2T", 2_199_023_255_552],
    [1_073_741_824, 1_073_741_824],
    ["1073741824", 1_073_741_824],
  ];
  for (const [text, bytes] of valid) {
    it(`${JSON.stringify(text)} is ${bytes} bytes`, () => {
      assert.equal(parseSize(text), bytes);
    });
  }

  for (const text of [
    "",
    "G",
    "1 G",
    "-1",
    "+1",
    "1e3",
    "1P",
    "1ib",
    "1Gi B",
    "١",
    "1.",
    ".5G",
    "1G\n",
    NaN,
    -1,
    1e300,
  ]) {
    it(`${JSON.stringify(text)} is no size`, () => {
      assert.equal(parseSize(text), undefined);
    });
  }

  it("too many bytes to be counted exactly are no size", () => {
    assert.equal(parseSize("8192t"), undefined);
    assert.equal(parseSize("8191t"), 8191 * 1024 ** 4);
  });

  it("every number of bytes is the same after writing and reading", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        assert.equal(parseSize(formatSize(bytes)), bytes);
      }),
    );
  });

  it("every whole number with a unit is the same after reading and writing", () => {
    const count = fc.integer({ min: 1, max: 1023 });
    fc.assert(
      fc.property(count, fc.constantFrom("", "K", "M", "G", "T"), (number, unit) => {
        assert.equal(formatSize(parseSize(`${number}${unit}`) ?? -1), `${number}${unit}`);
      }),
    );
  });

  it("the spelling of the unit makes no difference", () => {
    const spellings = fc.constantFrom("g", "G", "gb", "GB", "gib", "GiB", "Gi");
    fc.assert(
      fc.property(fc.nat(1000), spellings, (number, unit) => {
        assert.equal(parseSize(`${number}${unit}`), number * 1024 ** 3);
      }),
    );
  });
});
