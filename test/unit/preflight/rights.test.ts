import assert from "node:assert/strict";

import type { HubConfig } from "../../../config";
import { lossSentences, rightsOf, withdrawnRights } from "../../../preflight/rights";
import type { RunningHub } from "../../../preflight/running-hub";

interface Sections {
  readonly auth?: object;
  readonly groups?: object;
  readonly roles?: object;
}

const rights = ({ auth = {}, groups = {}, roles = {} }: Sections) => rightsOf({ auth, groups, roles });

/** What is said of a change, where these people have a running server. */
const said = (old: Sections, now: Sections, ...running: string[]): string[] =>
  lossSentences(rights(old), rights(now), { running: new Set(running), nameOf: (name) => name });

const group = (folder: string, ...members: string[]) => ({ members, folder, limits: {} });

describe("what a change of the configuration takes from people", () => {
  it("is nothing where nobody leaves anything", () => {
    const auth = { users: ["ann"], admins: ["admin"], allowedGroups: ["a"] };
    assert.deepEqual(said({ auth }, { auth }, "ann"), []);
    assert.deepEqual(
      said({ auth }, { auth: { ...auth, users: ["ben", "Ann"], allowedGroups: ["b", "a"] } }),
      [],
    );
  });

  it("shows a label of the engine as text that no terminal obeys", () => {
    const auth = { kind: "shared-password", users: ["ann"] };
    const [sentence] = said({ auth }, { auth }, "evil\u001b[2J\nwarning: nothing\u202e");
    assert.match(String(sentence), /^evil\\u\{1b\}\[2J\\u\{a\}warning: nothing\\u\{202e\} loses: /);
  });

  it("names who loses what, and whose server runs", () => {
    assert.deepEqual(
      said(
        { auth: { users: ["ann", "ben", "cleo"], admins: ["admin", "old"] } },
        { auth: { users: ["old", "cleo"], admins: ["admin"] } },
        "ann",
        "old",
      ),
      [
        "ann and ben lose: access. The server of ann is running, and will be stopped.",
        "old loses: administrator. Their server is running.",
      ],
    );
  });

  it("names blocked people, whatever list they are in", () => {
    const auth = { users: ["ann", "eve"], admins: ["admin", "eve"] };
    assert.deepEqual(said({ auth }, { auth: { ...auth, blocked: ["Eve"] } }, "eve"), [
      "eve loses: access. Their server is running, and will be stopped.",
    ]);
    const blocked = { auth: { ...auth, blocked: ["eve"] } };
    assert.deepEqual(said(blocked, blocked), []);
    assert.deepEqual(said(blocked, { auth }), []);
  });

  it("names groups, whose folders running servers would keep, and roles", () => {
    const auth = { users: ["ann", "ben"], admins: [] };
    const helper = { users: ["ann"], groups: ["Physik"], services: [] };
    assert.deepEqual(
      said(
        { auth, groups: { Physik: group("read-write", "ann", "ben") }, roles: { helper } },
        { auth, groups: { Physik: group("read-write", "ann") }, roles: { helper } },
        "ann",
        "ben",
      ),
      ["ben loses: group Physik, role helper. Their server is running, and will be stopped."],
    );
    assert.deepEqual(said({ auth, groups: { quiet: group("none", "ann") } }, { auth, groups: {} }, "ann"), [
      "ann loses: group quiet. Their server is running.",
    ]);
  });

  it("says where a rule may still let somebody in, and which rules are gone", () => {
    const rules = { organizations: ["physics", "maths"], allowExistingUsers: true };
    assert.deepEqual(
      said(
        { auth: { users: ["ann"], admins: [], ...rules } },
        { auth: { users: [], admins: [], organizations: ["maths"] } },
        "ann",
      ),
      [
        "ann loses: access, unless another rule gives it. Their server is running.",
        "People whom auth.organizations: physics let in lose: access, unless another rule or list gives it. They have to log in again.",
      ],
    );
  });

  it("says what somebody loses beside access, and whose server is stopped for a folder", () => {
    const admins = ["root"];
    assert.deepEqual(
      said(
        { auth: { users: ["ann"], admins }, groups: { physics: group("read-write", "ann") } },
        { auth: { users: [], admins, organizations: ["maths"] }, groups: {} },
        "ann",
      ),
      [
        "ann loses: access, unless another rule gives it, group physics. Their server is running, and will be stopped.",
      ],
    );
  });

  it("names whose server runs though no list has them", () => {
    const auth = { kind: "shared-password", users: ["ann"], admins: [] };
    assert.deepEqual(said({ auth: { ...auth, allowExistingUsers: true } }, { auth }, "ann", "carl"), [
      "carl loses: access, since the name is in no list. Their server is running, and will be stopped.",
      "People whom an administrator added on the admin page, and who are in no list, lose: access.",
    ]);
    for (const open of [
      { kind: "anonymous" },
      { kind: "native" },
      { allowAll: true },
      { allowExistingUsers: true },
    ]) {
      assert.deepEqual(said({ auth: { ...auth, ...open } }, { auth: { ...auth, ...open } }, "carl"), []);
    }
  });

  it("counts names that would fill the screen", () => {
    const users = Array.from({ length: 23 }, (_, number) => `user-${String(number).padStart(2, "0")}`);
    const [text = ""] = said({ auth: { users } }, { auth: {} });
    assert.match(text, /^user-00, .*, user-19 and 3 more lose: access\.$/);
  });

  it("is told from the hub's settings, whatever is in them, by the hub's names", () => {
    const hub = (settings: object): RunningHub => ({
      settings: settings as Record<string, unknown>,
      running: true,
      servers: ["foo-bar--mail-ch"],
      file: () => Promise.resolve(undefined),
      facts: () => Promise.resolve(undefined),
    });
    const config = {
      auth: { users: [], admins: ["admin"] },
      groups: {},
      hub: { roles: {} },
    } as unknown as HubConfig;
    const auth = { users: ["Foo.Bar@mail.ch"], admins: ["admin"], usernames: { fromEmail: true } };
    assert.deepEqual(withdrawnRights(config, hub({ auth, groups: {}, access: { roles: [] } })), [
      "foo.bar@mail.ch loses: access. Their server is running, and will be stopped.",
    ]);
    const odd = { auth: { users: 1, admins: [2], blocked: {} }, groups: [3], access: { roles: [null] } };
    for (const settings of [{}, { auth: null, access: 1, groups: "" }, odd]) {
      assert.deepEqual(withdrawnRights(config, { ...hub(settings), servers: [] }), []);
    }
  });
});
