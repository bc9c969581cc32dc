import assert from "node:assert/strict";

import { complaint, withoutSecrets, withStackName } from "../../../setup/failed-containers";

describe("what is told of containers after an up that failed", () => {
  const state = { Running: true, Restarting: false, ExitCode: 0 };
  for (const [what, given, expected] of [
    ["a healthy one", { ...state, Health: { Status: "healthy" } }, undefined],
    ["one without a health check", state, undefined],
    ["one that has done its work", { ...state, Running: false }, undefined],
    ["a sick one", { ...state, Health: { Status: "unhealthy" } }, "unhealthy"],
    ["one that is not up yet", { ...state, Health: { Status: "starting" } }, "starting"],
    ["one that has failed", { ...state, Running: false, ExitCode: 3 }, "has ended, exit code 3"],
    [
      "one that fails again and again",
      { ...state, Restarting: true, ExitCode: 1 },
      "keeps restarting, exit code 1",
    ],
  ] as const) {
    it(`${what}: ${expected ?? "nothing"}`, () => {
      assert.equal(complaint(given), expected);
    });
  }

  it("one that should run on and on has not done its work when it ends with 0", () => {
    assert.equal(complaint({ ...state, Running: false }, true), "has ended, exit code 0");
  });

  it("secrets are left out: whole, line by line, and a password in an address", () => {
    const url = "postgresql://hub:p%40ssword@db.example.org/hub";
    const key = "-----BEGIN KEY-----\nMIIabcdef\nghijklmnop\n-----END KEY-----\n";
    const text = ["connecting with p@ssword", `to ${url}`, "line ghijklmnop", "token 0123456789abcdef!"].join(
      "\n",
    );
    assert.equal(
      withoutSecrets(text, [url, key, "0123456789abcdef\n", "", "ab"]),
      ["connecting with [secret]", "to [secret]", "line [secret]", "token [secret]!"].join("\n"),
    );
  });

  it("nothing else is left out", () => {
    const text = "-----BEGIN KEY----- of db.example.org";
    assert.equal(withoutSecrets(text, ["-----BEGIN KEY-----\nabcdefgh", "db"]), text);
  });
});

describe("commands in a container's log", () => {
  it("name the stack, which no container knows", () => {
    assert.equal(
      withStackName(
        "restore with: ./hub database restore FILE --stack STACK, then ./up STACK --refresh",
        "prod",
      ),
      "restore with: ./hub database restore FILE --stack prod, then ./up prod --refresh",
    );
  });
});
