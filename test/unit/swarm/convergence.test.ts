import assert from "node:assert/strict";

import { convergence } from "../../../components/swarm/convergence";

const wanted = { Image: "r/notebook@sha256:2" };
const service = (update?: string) => ({
  Spec: { Name: "jh-pre-puller", TaskTemplate: { ContainerSpec: wanted } },
  ...(update === undefined ? {} : { UpdateStatus: { State: update, Message: `${update}: why` } }),
});
const task = (
  NodeID: string,
  State: string,
  more: { Err?: string; desired?: string; image?: string } = {},
) => ({
  NodeID,
  DesiredState: more.desired ?? (["failed", "rejected"].includes(State) ? "shutdown" : "running"),
  Status: { State, ...(more.Err === undefined ? {} : { Err: more.Err }) },
  Spec: { ContainerSpec: more.image === undefined ? { ...wanted } : { Image: more.image } },
});
const missing = (node: string) => task(node, "rejected", { Err: "No such image: r/notebook@sha256:2" });

describe("convergence of a global service", () => {
  it("is done when it runs on every node that has a task", () => {
    const state = convergence(service("completed"), [task("a", "running"), task("b", "running")]);
    assert.deepEqual([state.done, state.hasTasks, state.hopeless], [true, true, undefined]);
  });

  it("is not done while a node still pulls, has the old one, or is updated", () => {
    for (const [tasks, update] of [
      [[task("a", "running"), task("b", "preparing")], undefined],
      [[task("a", "running"), task("b", "running", { image: "r/notebook@sha256:1" })], undefined],
      [[task("a", "running")], "updating"],
    ] as const) {
      const state = convergence(service(update), tasks);
      assert.deepEqual([state.done, state.hopeless], [false, undefined]);
    }
  });

  it("says when there are no tasks: Swarm has not come to it, or no node may run it", () => {
    const state = convergence(service(), []);
    assert.deepEqual([state.done, state.hasTasks], [true, false]);
  });

  it("has no hope for a node that failed three times, and names the reason", () => {
    const failures = [missing("b"), missing("b"), task("b", "preparing"), task("a", "running")];
    assert.equal(convergence(service(), failures).hopeless, undefined);
    const state = convergence(service(), [missing("b"), ...failures]);
    assert.equal(state.hopeless, "its tasks fail again and again");
    assert.deepEqual([...state.errors], [["b", "No such image: r/notebook@sha256:2"]]);
  });

  it("forgets failures of a node on which it runs now, and those of an older version", () => {
    const old = task("b", "failed", { image: "r/notebook@sha256:1", Err: "exit 1" });
    const state = convergence(service(), [
      ...[missing("a"), missing("a"), missing("a"), task("a", "running")],
      ...[old, old, old, task("b", "starting")],
    ]);
    assert.deepEqual([state.done, state.hopeless, state.errors.size], [false, undefined, 0]);
  });

  it("has no hope for an update that Swarm has paused", () => {
    const state = convergence(service("paused"), [task("a", "running")]);
    assert.deepEqual([state.done, state.hopeless], [false, "paused: why"]);
  });
});
