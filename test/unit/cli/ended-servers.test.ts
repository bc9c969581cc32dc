import assert from "node:assert/strict";

import { describe as line, endedOf } from "../../../cli/ended-servers";

const ended = {
  user: "alice",
  server: "",
  at: "2026-11-30T19:02:00Z",
  started: true,
  sentence: "Your server was killed.",
  detail: "killed for memory (exit code 137)",
  log: ["a line"],
};

describe("servers that ended", () => {
  it("are a person's own, the oldest first, without files that cannot be read", () => {
    const older = { ...ended, server: "gpu", at: "2026-11-29T10:00:00Z" };
    const files = [ended, { ...ended, user: "alice2" }, older, { user: "alice" }].map((one) =>
      JSON.stringify(one),
    );
    const found = endedOf([...files, "{", ""], "alice");
    assert.deepEqual(
      found.map(({ server }) => server),
      ["gpu", ""],
    );
  });

  it("are told in a line", () => {
    const [one] = endedOf([JSON.stringify(ended)], "alice");
    const [failed] = endedOf([JSON.stringify({ ...ended, server: "gpu", started: false })], "alice");
    assert.ok(one && failed);
    assert.equal(
      line(one),
      "alice's server ended at 2026-11-30 19:02:00 UTC: killed for memory (exit code 137)",
    );
    assert.match(line(failed), /^alice's server gpu did not start at /);
  });
});
