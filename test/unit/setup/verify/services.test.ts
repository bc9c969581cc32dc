import assert from "node:assert/strict";

import { judgeServices, type Service, type Task } from "../../../../setup/verify/services";
import { subject } from "./engine";

describe("what is said of a service of a Swarm", () => {
  const service = (role: string, running: number, desired: number): Service => ({
    ID: role,
    Spec: { Name: `jh-${role}`, Labels: { "org.jupyterhub.role": role } },
    ServiceStatus: { RunningTasks: running, DesiredTasks: desired },
  });
  const task = (state: string, timestamp: string, error?: string): Task => ({
    ID: timestamp,
    ServiceID: "pre-puller",
    DesiredState: "running",
    Status: { State: state, Timestamp: timestamp, ...(error === undefined ? {} : { Err: error }) },
    Spec: {},
  });

  it("nothing while all its tasks run", () => {
    assert.deepEqual(judgeServices(subject, [service("hub", 1, 1), service("proxy", 2, 2)], []), []);
  });

  it("how many do not, and why the last one failed", () => {
    const tasks = [
      task("running", "2026-11-30T15:00:00Z"),
      task("rejected", "2026-11-30T15:01:00Z", "older"),
      task("rejected", "2026-11-30T15:02:00Z", "No such image"),
    ];
    const [finding] = judgeServices(subject, [service("pre-puller", 1, 2)], tasks);
    assert.equal(finding?.what, "The service jh-pre-puller has 1 of 2 tasks running: No such image");
    assert.deepEqual(finding.since, new Date("2026-11-30T15:02:00Z"));
    assert.equal(finding.see, "./hub logs pre-puller --stack prod");
  });

  it("that it is gone", () => {
    const known = [{ name: "jh-hub", networks: [] }];
    assert.deepEqual(
      judgeServices({ ...subject, services: known }, [], []).map(({ what, fix }) => [what, fix]),
      [["The service jh-hub is gone", "./up prod"]],
    );
  });
});
