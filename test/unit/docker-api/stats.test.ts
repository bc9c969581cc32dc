import assert from "node:assert/strict";

import { memoryUsed, processorsUsed, statistics } from "../../../docker-api/stats";

describe("what a container uses", () => {
  it("counts no memory that the kernel can take back, in either generation of control groups", () => {
    for (const name of ["total_inactive_file", "inactive_file"]) {
      assert.equal(memoryUsed({ memory_stats: { usage: 100, stats: { [name]: 30 } } }), 70);
    }
    assert.equal(memoryUsed({ memory_stats: {} }), 0);
  });

  it("counts processors between two looks", () => {
    const look = (used: number, system: number) => ({
      cpu_usage: { total_usage: used },
      system_cpu_usage: system,
      online_cpus: 4,
    });
    const memory_stats = {};
    assert.equal(
      processorsUsed({ memory_stats, precpu_stats: look(100, 1000), cpu_stats: look(150, 1200) }),
      1,
    );
    assert.equal(processorsUsed({ memory_stats, cpu_stats: look(150, 1200) }), undefined);
    // The first look of a container that has just started.
    const none = { cpu_usage: { total_usage: 0 } };
    assert.equal(
      processorsUsed(statistics.parse({ memory_stats, precpu_stats: none, cpu_stats: look(1, 1) })),
      undefined,
    );
  });
});
