import assert from "node:assert/strict";

import { command, pairs, pick } from "../../../bench/measure";
import { median, rounded, spread } from "../../../bench/statistics";

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

describe("spread", () => {
  it("is the smallest and the largest", () => {
    assert.deepEqual(spread([3, 1, 2]), [1, 3]);
  });
});

describe("rounded", () => {
  it("gives decimals to small figures only", () => {
    assert.deepEqual([0.123, 9.876, 12.3].map(rounded), ["0.12", "9.88", "12"]);
  });
});

describe("pairs", () => {
  const never = new AbortController().signal;

  it("runs both in turn, restores after each, and counts all but the first pair", async () => {
    const log: string[] = [];
    const work = (what: string) => () => Promise.resolve(log.push(what));
    const taken = await pairs(2, never, work("a"), work("b"), (side) => Promise.resolve(log.push(side)));
    assert.equal(log.join(" "), Array(3).fill("a ours b peer").join(" "));
    assert.deepEqual(taken, { ours: [5, 9], peer: [7, 11] });
    assert.deepEqual(
      pick(taken, (one) => -one),
      { ours: [-5, -9], peer: [-7, -11] },
    );
  });

  it("stops before the next run when it is told to", async () => {
    const stop = new AbortController();
    let count = 0;
    const work = () => {
      count += 1;
      stop.abort(new Error("stopped"));
      return Promise.resolve(count);
    };
    await assert.rejects(pairs(5, stop.signal, work, work), /stopped/);
    assert.equal(count, 1);
  });
});

describe("command", () => {
  it("gives the processor time of a program and of those that it starts, whatever it prints", async () => {
    const busy = "const end = Date.now() + 300; while (Date.now() < end); console.error('9 9')";
    const child = `require('node:child_process').execFileSync('node', ['-e', ${JSON.stringify(busy)}])`;
    const { clock, processors } = await command(["node", "-e", child], { cwd: "/" });
    assert.ok(processors > 0.15 && processors < 5, String(processors));
    assert.ok(clock > 0.3 && clock < 60, String(clock));
  });

  it("fails where the program does", async () => {
    await assert.rejects(command(["false"], { cwd: "/" }));
  });
});
