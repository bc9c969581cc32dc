import assert from "node:assert/strict";
import fc from "fast-check";

import {
  addressAt,
  type Cidr,
  contains,
  formatCidr,
  gatewayOf,
  overlap,
  parseCidr,
  size,
  without,
} from "../../../../config/values/cidr";

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  assert.ok(parsed, text);
  return parsed;
};

const anyCidr = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]) => ({ base: Math.floor(address / 2 ** (32 - bits)) * 2 ** (32 - bits), bits }));

describe("parseCidr", () => {
  for (const text of [
    "10.0.0.1/8",
    "10.0.0.0/33",
    "010.0.0.0/8",
    "10.0.0/8",
    "10.0.0.0",
    "fd00::/8",
    "",
    "300.0.0.0/8",
  ]) {
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

describe("gatewayOf", () => {
  it("is the first address behind the network's", () => {
    assert.equal(gatewayOf("10.255.255.0/24"), "10.255.255.1");
    assert.throws(() => gatewayOf("10.255.255.1/24"), /expected a network as 172\.31\.0\.0\/24, got 10\.255/);
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

describe("without", () => {
  it("leaves alone what does not overlap, and what is not IPv4", () => {
    for (const text of ["192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "2001:db8::1"]) {
      assert.deepEqual(without(text, "10.0.0.0/8"), [text]);
    }
  });
  it("leaves nothing of what is inside", () => {
    assert.deepEqual(without("10.1.2.3", "10.0.0.0/8"), []);
    assert.deepEqual(without("10.0.0.0/8", "10.0.0.0/8"), []);
  });
  it("has every other address, and none that was taken away", () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (whole, removed, number) => {
        const address = addressAt({ base: number, bits: 32 }, 0);
        const inside = addressAt(removed, number % size(removed));
        const left = without(formatCidr(whole), formatCidr(removed)).map(cidr);
        for (const one of [address, inside, addressAt(whole, number % size(whole))]) {
          const expected = contains(whole, one) && !contains(removed, one);
          assert.equal(
            left.some((part) => contains(part, one)),
            expected,
          );
        }
      }),
    );
  });
});
