import assert from "node:assert/strict";
import fc from "fast-check";

import { allLimits, largestLimits } from "../../../config/limits";
import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, MINIMAL } from "./support";

const configWith = (values: Record<string, unknown>) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, contextWith()));

describe("limits at all places", () => {
  it("are those of servers, groups and people, with their keys", () => {
    const config = configWith({
      groups: { physics: { members: ["a"], limits: { cpus: 4 } } },
      users: { "ann.b": { limits: { memory: "2G" } } },
    });
    assert.deepEqual(
      allLimits(config).map(({ path, limits }) => [path.join(" "), limits]),
      [
        ["notebook limits", { memory: 1024 ** 3, swap: 0, cpus: 1, processes: 512 }],
        ["groups physics limits", { cpus: 4 }],
        ["users ann.b limits", { memory: 2 * 1024 ** 3 }],
      ],
    );
    assert.deepEqual(largestLimits(allLimits(config)), {
      memory: 2 * 1024 ** 3,
      swap: 0,
      cpus: 4,
      processes: 512,
    });
  });

  it("have a largest that none is above", () => {
    const limits = {
      memory: fc.integer({ min: 1 }),
      swap: fc.integer({ min: -1 }),
      cpus: fc.integer({ min: 1 }),
      processes: fc.integer({ min: 1 }),
    };
    fc.assert(
      fc.property(
        fc.record(limits),
        fc.array(fc.record(limits, { requiredKeys: [] }), { maxLength: 5 }),
        (defaults, others) => {
          const all = [defaults, ...others];
          const largest = largestLimits(all.map((one) => ({ path: [], limits: one })));
          const size = (value: number) => (value === -1 ? Infinity : value);
          for (const key of ["memory", "swap", "cpus", "processes"] as const) {
            const values = all.map((one) => one[key]).filter((value) => value !== undefined);
            assert.ok(values.includes(largest[key]));
            assert.ok(values.every((value) => size(value) <= size(largest[key])));
          }
        },
      ),
    );
  });
});
