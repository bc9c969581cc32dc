import assert from "node:assert/strict";
import fc from "fast-check";

import { renewal } from "../../../../components/tls/renewal";

describe("renewal", () => {
  const start = new Date("2026-01-01T00:00:00Z");
  const day = (count: number) => new Date(start.getTime() + count * 86_400_000);

  it("stays as it is for two thirds of the certificate's days, then is due once", () => {
    assert.deepEqual(
      [0, 1, 59.9, 60, 61, 119.9, 120].map((count) => renewal(start, 90, day(count))),
      [0, 0, 0, 1, 1, 1, 2],
    );
  });
  it("leaves a third of the days, whenever in a period the certificate was made", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 825 }),
        fc.double({ min: 0, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (days, made, later) => {
          const next = made + later * days;
          const isSame = renewal(start, days, day(made)) === renewal(start, days, day(next));
          // While none is due, at least a third is left.
          assert.ok(!isSame || next - made <= (days * 2) / 3 + 1e-6);
        },
      ),
    );
  });
  it("does not mind a clock that is behind", () => {
    assert.equal(renewal(start, 90, day(-5)), 0);
  });
});
