import assert from "node:assert/strict";

import { convergence } from "../../../../tasks/swarm/convergence";

const wanted = { Image: "r/notebook@sha256:2" };
const service = (update?: string) => ({
  Spec: { Name: "jh-pre-puller", TaskTemplate: { ContainerSpec: wanted } },
  ...(update === undefined ? {} : { UpdateStatus: { State: update } }),
});
let count = 0;
const task = (
  NodeID: string,
  State: string,
  more: { Err?: string; desired?: string; image?: string } = {},
) => ({
  ID: String((count += 1)),
  NodeID,
  ServiceID: "one",
  DesiredState: more.desired ?? (["failed", "rejected"].includes(State) ? "shutdown" : "running"),
  Status: { State, ...(more.Err === undefined ? {} : { Err: more.Err }) },
  Spec: { ContainerSpec: more.image === undefined ? { ...wanted } : { Image: more.image } },
});
const missing = (node: string) => task(node, "rejected", { Err: "No such image: r/notebook@sha256:2" });

describe("convergence of a global service", () => {
  it("is done when it runs on every node that has a task", () => {
    const state = convergence(service("completed"), [task("a", "running"), task("b", "running")]);
    assert.deepEqual([state.done, state.hasTasks, state.isHopeless], [true, true, false]);
  });

  it("is not done while a node still pulls, has the old one, or is updated", () => {
    for (const [tasks, update] of [
      [[task("a", "running"), task("b", "preparing")], undefined],
      [[task("a", "running"), task("b", "running", { image: "r/notebook@sha256:1" })], undefined],
      [[task("a", "running")], "updating"],
    ] as const) {
      const state = convergence(service(update), tasks);
      assert.deepEqual([state.done, state.isHopeless], [false, false]);
    }
  });

  it("says when there are no tasks: Swarm has not come to it, or no node may run it", () => {
    const state = convergence(service(), []);
    assert.deepEqual([state.done, state.hasTasks], [true, false]);
  });

  it("has no hope for a node that failed three times, and names the reason", () => {
    const failures = [missing("b"), missing("b"), task("b", "preparing"), task("a", "running")];
    assert.equal(convergence(service(), failures).isHopeless, false);
    const state = convergence(service(), [missing("b"), ...failures]);
    assert.equal(state.isHopeless, true);
    // Unless all that was before the wait.
    const known = new Set(failures.map(({ ID }) => ID));
    assert.equal(convergence(service(), failures, known).errors.size, 0);
    assert.deepEqual([...state.errors], [["b", "No such image: r/notebook@sha256:2"]]);
  });

  it("forgets failures of a node on which it runs now, and those of an older version", () => {
    const old = task("b", "failed", { image: "r/notebook@sha256:1", Err: "exit 1" });
    const state = convergence(service(), [
      ...[missing("a"), missing("a"), missing("a"), task("a", "running")],
      ...[old, old, old, task("b", "starting")],
    ]);
    assert.deepEqual([state.done, state.isHopeless, state.errors.size], [false, false, 0]);
  });
});
