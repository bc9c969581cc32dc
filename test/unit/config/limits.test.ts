import assert from "node:assert/strict";
import fc from "fast-check";

import { allLimits, largestLimits } from "../../../config/limits";
import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

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

  it("have what the engine has a default for only where somebody says it", () => {
    const config = configWith({
      groups: { physics: { members: ["a"], limits: { shmSize: "1G" } } },
      users: { a: { limits: { shmSize: "2G", cpuShares: 512 } } },
    });
    const { shmSize, memoryReservation, cpuShares } = largestLimits(allLimits(config));
    assert.deepEqual([shmSize, memoryReservation, cpuShares], [2 * 1024 ** 3, undefined, 512]);
  });

  it("are refused where a part of the memory is more than all of it, and where a Swarm has none", () => {
    const limits = { memory: "1G", shmSize: "2G", memoryReservation: "3G" };
    assert.match(
      messagesWith({ notebook: { limits } }).join("\n"),
      /notebook\.limits\.shmSize: expected at most the memory of the same place \(1G\)[^\n]*\n.*limits\.memoryReservation: expected at most/,
    );
    // Another place has the memory: the smaller of both holds.
    assert.deepEqual(messagesWith({ users: { a: { limits: { shmSize: "2G" } } } }), []);
    assert.match(
      messagesWith({ variant: "swarm", users: { a: { limits: { cpuShares: 512 } } } }).join("\n"),
      /users\.a\.limits\.cpuShares: expected nothing in a Swarm/,
    );
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
