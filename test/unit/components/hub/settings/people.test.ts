import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { joinSettings, splitSettings, takesOver } from "../../../../../components/hub/settings/people";

const FIXTURES = join(__dirname, "..", "..", "..", "..", "fixtures", "hub-settings");

describe("people's settings", () => {
  for (const file of readdirSync(FIXTURES).filter((name) => !name.startsWith("swarm"))) {
    it(`are all of ${file} that a running hub takes over, and both files are one again`, () => {
      const text = readFileSync(join(FIXTURES, file), "utf8");
      const { own, people } = splitSettings(text, true);
      const parsed = JSON.parse(own) as Record<string, unknown>;
      assert.equal(parsed["people"], "/srv/people/people.json");
      assert.deepEqual(joinSettings(parsed, JSON.parse(people)), JSON.parse(text));
      assert.deepEqual(Object.keys(JSON.parse(people) as object).sort(), [
        "access",
        "auth",
        "groups",
        "pages",
        "servers",
        "spawner",
        "users",
      ]);
      assert.doesNotMatch(own, /"(admins|profiles|announcement|roles)":/);
    });
  }

  it("stay in the hub's own file where it cannot take them over", () => {
    const extraConfig = { kind: "text", text: "pass" } as never;
    assert.equal(takesOver({ variant: "single-host", hub: {} as never }), true);
    assert.equal(takesOver({ variant: "swarm", hub: {} as never }), false);
    assert.equal(takesOver({ variant: "lockdown", hub: { extraConfig } as never }), false);
    assert.deepEqual(splitSettings('{"a":1}', false), { own: '{"a":1}', people: "" });
  });

  it("take the place of nothing that is the hub's", () => {
    const own = { people: "x", auth: { kind: "pam" }, hub: { stack: "dev" } };
    const people = {
      auth: { users: ["a"], kind: "none" },
      hub: { stack: "other" },
      version: 7,
      spawner: [1],
      __proto__: { storage: {} },
      constructor: { a: 1 },
      users: {},
    };
    assert.deepEqual(joinSettings(own, people), {
      auth: { kind: "pam", users: ["a"] },
      hub: { stack: "dev" },
      users: {},
    });
  });

  it("are none where the file is none", () => {
    assert.deepEqual(joinSettings({ people: "x", auth: { kind: "pam" } }, [1]), { auth: { kind: "pam" } });
  });
});
