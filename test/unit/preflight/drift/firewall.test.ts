import assert from "node:assert/strict";

import { judgeLog } from "../../../../preflight/drift/firewall";

describe("judgeLog", () => {
  it("tells each table that was changed, how often, and when it was last", () => {
    const log = [
      "2026-11-30T10:00:00.123456789Z rules are in place",
      "2026-11-30T10:05:00.123456789Z inet jh-x was changed or removed: restoring it",
      "2026-11-30T11:05:00.123456789Z inet jh-x was changed or removed: restoring it",
      "2026-11-30T11:05:01.123456789Z bridge jh-x was changed or removed: restoring it",
    ].join("\n");
    const told = judgeLog("jh-firewall", log);
    assert.equal(told.length, 2);
    assert.match(
      told[0] ?? "",
      /^firewall jh-firewall: table inet jh-x was changed or removed 2 times in the last day, last at 2026-11-30T11:05:00Z\./,
    );
    assert.match(told[1] ?? "", /table bridge jh-x was changed or removed once/);
    assert.deepEqual(judgeLog("jh-firewall", ""), []);
  });
});
