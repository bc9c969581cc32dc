import assert from "node:assert/strict";

import { judgeContainers } from "../../../../setup/verify/containers";
import { container, subject } from "./engine";

describe("what is said of a container", () => {
  const judge = (...given: Parameters<typeof container>) => judgeContainers(subject, [container(...given)]);
  const stopped = { Status: "exited", FinishedAt: "2026-11-30T15:42:10Z" };
  const FAILED = [
    { Start: "2026-11-30T15:00:00Z", ExitCode: 0, Output: "" },
    { Start: "2026-11-30T15:00:03Z", ExitCode: 1, Output: "starting\nno answer from port 8081\n" },
    { Start: "2026-11-30T15:00:06Z", ExitCode: 1, Output: "no answer from port 8081\n" },
  ];
  const unhealthy = (Log: object[], FailingStreak: number) => ({
    State: { Health: { Status: "unhealthy", FailingStreak, Log } },
  });

  for (const [what, changes, expected, since] of [
    ["that is well", {}, undefined, undefined],
    ["that has done its work", { State: stopped, HostConfig: { RestartPolicy: { Name: "no" } } }, undefined],
    [
      "that has failed to do its work",
      { State: { ...stopped, ExitCode: 3 }, HostConfig: { RestartPolicy: { Name: "" } } },
      "jh-hub has stopped (exit code 3)",
      "2026-11-30T15:42:10.000Z",
    ],
    [
      "that was killed for its memory",
      { State: { ...stopped, ExitCode: 137, OOMKilled: true } },
      "jh-hub has stopped (exit code 137, killed for its memory)",
      "2026-11-30T15:42:10.000Z",
    ],
    [
      "that was never started",
      { State: { Status: "exited" } },
      "jh-hub has stopped (exit code 0)",
      undefined,
    ],
    ["that is paused", { State: { Status: "paused" } }, "jh-hub is paused", undefined],
    [
      "that is restarted all the time",
      { RestartCount: 7, State: { Status: "restarting", ExitCode: 1, FinishedAt: "2026-11-30T15:42:10Z" } },
      "jh-hub keeps restarting (exit code 1)",
      "2026-11-30T15:42:10.000Z",
    ],
    [
      "that is starting",
      { State: { Health: { Status: "starting", FailingStreak: 0, Log: [] } } },
      "jh-hub is starting",
      "2026-11-30T15:00:00.123Z",
    ],
    [
      "whose health checks began to fail",
      unhealthy(FAILED, 2),
      "jh-hub is unhealthy: no answer from port 8081",
      "2026-11-30T15:00:03.000Z",
    ],
    [
      "that has failed for longer than the engine remembers",
      unhealthy(FAILED.slice(1), 12),
      "jh-hub is unhealthy: no answer from port 8081",
      "2026-11-30T14:59:33.000Z",
    ],
  ] as const) {
    it(`one ${what}: ${expected ?? "nothing"}`, () => {
      const [finding] = judge("hub", changes);
      assert.equal(finding?.what, expected);
      assert.equal(finding?.since?.toISOString(), since);
      assert.ok(finding === undefined || finding.fix !== undefined || finding.see !== undefined);
    });
  }

  it("one that restarts for the first time may come up, and one that crashes on and on does not", () => {
    const restarting = { State: { Status: "restarting", ExitCode: 1 } };
    assert.equal(judge("hub", { ...restarting, RestartCount: 1 })[0]?.settles, true);
    assert.equal(judge("hub", { ...restarting, RestartCount: 3 })[0]?.settles, false);
  });
});
