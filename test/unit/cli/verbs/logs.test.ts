import assert from "node:assert/strict";

import { choose, parseSince, parseTail, query, type Source } from "../../../../cli/verbs/logs";

describe("what is asked of a log", () => {
  const NOW = 1_000_000_000;

  it("is the last 200 lines, or all since a time", () => {
    const both = { stdout: true, stderr: true };
    assert.deepEqual(query({}, NOW), { ...both, timestamps: false, tail: 200 });
    assert.deepEqual(query({ tail: "all" }, NOW), { ...both, timestamps: false });
    assert.deepEqual(query({ since: 600, timestamps: true }, NOW), {
      ...both,
      timestamps: true,
      since: 1_000_000 - 600,
    });
    assert.equal(query({ since: 600, tail: 5 }, NOW).tail, 5);
  });

  it("is a number of lines and an age, or refused", () => {
    assert.deepEqual([parseTail("all"), parseTail("20"), parseSince("10m")], ["all", 20, 600]);
    assert.throws(() => parseTail("x"), /Expected a number of lines or all/);
    assert.throws(() => parseSince("x"), /Expected a time as 30s, 10m, 8h or 7d/);
  });
});

describe("what has a log", () => {
  const source = (role: string, user?: string): Source => ({
    name: role,
    labels: { "org.jupyterhub.role": role, ...(user === undefined ? {} : { "org.jupyterhub.user": user }) },
    logs: { logs: () => assert.fail("nobody asked for it") },
  });
  const hub = source("hub");
  const alice = [source("user", "alice"), source("user", "alice")];
  const named = source("user", "hub");
  const all = [hub, ...alice, named, source("user", "user")];

  it("is the part, else the person's servers, all of them", () => {
    assert.deepEqual(choose(all, "hub", false), [hub]);
    assert.deepEqual(choose(all, "alice", false), alice);
    assert.deepEqual(choose(all, "hub", true), [named]);
    assert.deepEqual(choose(all, "user", false), [all[4]]);
    assert.deepEqual(choose(all, "nobody", false), []);
  });
});
