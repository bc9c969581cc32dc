import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

const parse = (values: Record<string, unknown>, context = contextWith()) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, context));

describe("the section servers", () => {
  it("has times in seconds, and null for never", () => {
    const { servers } = parse({
      notebook: { profiles: [{ name: "GPU" }] },
      servers: {
        idle: {
          timeout: "1h",
          maxAge: "7d",
          exceptions: [
            { kind: "group", name: "research", timeout: "never" },
            { kind: "profile", name: "gpu", timeout: "30m", maxAge: 3600 },
          ],
        },
        startTimeout: "2m",
      },
    });
    assert.deepEqual(servers.idle, {
      timeout: 3600,
      maxAge: 604_800,
      users: false,
      exceptions: [
        { kind: "group", name: "research", timeout: null },
        { kind: "profile", name: "gpu", timeout: 1800, maxAge: 3600 },
      ],
    });
    assert.equal(servers.startTimeout, 120);
  });

  const never = { kind: "group", name: "a", timeout: "never" };
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "reports of activity that come too late",
      { idle: { timeout: "5m" } },
      /servers\.activityInterval: expected at most half of the shortest idle timeout \(5m\).*got "5m".*servers\.activityInterval' 150s/,
    ],
    [
      "the same for an exception",
      { idle: { exceptions: [{ kind: "profile", name: "x", timeout: "1m" }] } },
      /servers\.activityInterval: .*\(1m\)/,
    ],
    [
      "removing people at no time",
      { idle: { users: true } },
      /servers\.idle\.timeout: expected a time after which/,
    ],
    [
      "removing people beside groups' times",
      { idle: { timeout: "1h", users: true, exceptions: [never] } },
      /servers\.idle\.users: expected false/,
    ],
    [
      "a group twice",
      { idle: { exceptions: [never, never] } },
      /servers\.idle\.exceptions\[1\]: expected every group and profile once, got the group "a" again/,
    ],
    [
      "an exception for a profile that is not there",
      { idle: { exceptions: [{ kind: "profile", name: "gpu", timeout: "1h" }] } },
      /servers\.idle\.exceptions\[0\]\.name: expected the slug of a profile \(x\), got "gpu"/,
    ],
    [
      "an exception of another kind",
      { idle: { exceptions: [{ kind: "user", name: "a" }] } },
      /servers\.idle\.exceptions\[0\]\.kind: expected one of group, profile/,
    ],
    [
      "a negative number",
      { named: -1 },
      /servers\.named: expected a whole number of servers from 0 to 1000, got the number -1/,
    ],
    ["no time to start", { startTimeout: "1s" }, /servers\.startTimeout: expected a time from 5s to 1h/],
    [
      "a time without a unit that exists",
      { idle: { timeout: "2w" } },
      /servers\.idle\.timeout: expected a time from 1s to 365d.* or never, got "2w"/,
    ],
  ];
  for (const [what, servers, message] of refused) {
    it(`refuses ${what}`, () => {
      const messages = messagesWith({ servers, notebook: { profiles: [{ name: "X" }] } });
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
    });
  }
});
