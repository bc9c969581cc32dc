import assert from "node:assert/strict";
import fc from "fast-check";

import { addressAt, contains, formatCidr, overlap, parseCidr, size, type Cidr } from "../../../config/cidr";

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  assert.ok(parsed, text);
  return parsed;
};

const anyCidr = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]) => ({ base: Math.floor(address / 2 ** (32 - bits)) * 2 ** (32 - bits), bits }));

describe("parseCidr", () => {
  for (const text of ["10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "10.0.0.0", "fd00::/8", "", "300.0.0.0/8"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseCidr(text), undefined);
    });
  }
  it("reads what formatCidr writes", () => {
    fc.assert(
      fc.property(anyCidr, (one) => {
        assert.deepEqual(parseCidr(formatCidr(one)), one);
      }),
    );
  });
});

describe("contains and overlap", () => {
  it("know the first and the last address", () => {
    const one = cidr("10.200.8.0/21");
    assert.equal(size(one), 2048);
    assert.equal(addressAt(one, 2047), "10.200.15.255");
    assert.ok(contains(one, "10.200.8.0") && contains(one, "10.200.15.255"));
    assert.ok(!contains(one, "10.200.7.255") && !contains(one, "10.200.16.0"));
  });
  it("two networks overlap when one holds the other's first address", () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        assert.equal(overlap(a, b), contains(a, addressAt(b, 0)) || contains(b, addressAt(a, 0)));
      }),
    );
  });
});
