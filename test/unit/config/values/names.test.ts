import assert from "node:assert/strict";
import fc from "fast-check";

import { parseConfig } from "../../../../config/parse";
import { canonicalName, composed, groupNameProblem, nameProblem } from "../../../../config/values/names";
import VECTORS from "../../../fixtures/names.json";
import { configOf, contextWith, messagesOf, messagesWith, MINIMAL } from "../support";

const OIDC = { kind: "oidc", clientId: "hub", clientSecret: "hidden", issuer: "https://sso.example.org" };
const PROFILE = { name: "Large" };

/** A configuration in which somebody is everywhere that people are named. */
const everywhere = (name: string) => ({
  ...MINIMAL,
  auth: { ...OIDC, users: [name], admins: [name], blocked: [name], usernames: { map: { x: name } } },
  groups: { staff: { members: [name] } },
  users: { [name]: { limits: { memory: "2G" } } },
  notebook: { profiles: [{ ...PROFILE, users: [name] }] },
  hub: { roles: { tutor: { scopes: ["list:users"], users: [name] } } },
});

const PLACES = [
  "auth.users[0]",
  "auth.admins[0]",
  "auth.blocked[0]",
  "auth.usernames.map.x",
  "groups.staff.members[0]",
  "notebook.profiles[0].users[0]",
  "hub.roles.tutor.users[0]",
];

const short = (name: string) => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);

describe("a user name", () => {
  for (const { given, name } of VECTORS.accepted) {
    it(`may be ${short(given)} wherever people are named, and is one everywhere`, () => {
      assert.equal(canonicalName(given), name);
      const config = configOf(parseConfig(everywhere(given), contextWith()));
      assert.ok("users" in config.auth && "usernames" in config.auth);
      assert.deepEqual(config.auth.users, [name]);
      assert.deepEqual(config.auth.admins, [name]);
      assert.deepEqual(config.auth.blocked, [name]);
      assert.deepEqual(config.auth.usernames?.map, { x: name });
      assert.deepEqual(config.groups["staff"]?.members, [name]);
      assert.deepEqual(Object.keys(config.users), [name]);
      assert.deepEqual(config.notebook.profiles[0]?.users, [name]);
      assert.deepEqual(config.hub.roles["tutor"]?.users, [name]);
    });
  }

  for (const given of VECTORS.refused) {
    it(`is refused as ${short(given)}, with one error for each place`, () => {
      assert.ok(nameProblem(canonicalName(given)));
      const messages = messagesOf(parseConfig(everywhere(given), contextWith()));
      assert.equal(messages.length, PLACES.length + 1);
      for (const place of PLACES) {
        const found = messages.filter((message) => message.startsWith(`jupyterhub:${place}: `));
        assert.equal(found.length, 1, place);
        assert.match(found[0] ?? "", /expected a user name .* got .*, which /su);
      }
      assert.match(messages.find((message) => /jupyterhub:users/.test(message)) ?? "", /got a name that /);
    });
  }

  it("is said in words when it is refused", () => {
    assert.deepEqual(messagesWith({ auth: { kind: "shared-password", users: ["z`)||hostregexp(`."] } }), [
      'jupyterhub:auth.users[0]: expected a user name (1 to 255 characters; no control or invisible ones, none of ` " \\ / { }, no space at either end, not only dots), got "z`)||hostregexp(`.", which contains the character `. Correct it, or remove it with: ./hub pulumi config rm --stack dev --path \'jupyterhub:auth.users[0]\'',
    ]);
    assert.match(
      messagesWith({ users: { "\u212aevin": { limits: { memory: "2G" } } } }).join("\n"),
      /got a name that contains a letter that only looks like one of a-z or a symbol \(U\+212A\)/,
    );
  });

  it("is not shown where the section is secret", () => {
    const context = contextWith({}, { secretKeys: new Set(["auth"]) });
    const [message, ...more] = messagesWith(
      { auth: { kind: "shared-password", users: ["hunter2`"] } },
      context,
    );
    assert.deepEqual(more, []);
    assert.match(message ?? "", /got a secret value of another form/);
  });

  it("is one person however it is written", () => {
    const composedName = "Mar\u00eda";
    const decomposed = "mari\u0301a";
    const twice = [composedName, decomposed];
    const limits = { limits: { memory: "2G" } };
    assert.deepEqual(
      messagesWith({
        auth: { ...OIDC, users: twice, usernames: { map: { [composedName]: "a", [decomposed]: "b" } } },
        groups: { staff: { members: twice } },
        users: { [composedName]: limits, [decomposed]: limits },
        notebook: { profiles: [{ ...PROFILE, users: twice, groups: ["Pr\u00fcfung", "Pru\u0308fung"] }] },
      }).map((message) => message.replace(/\. (Remove|Set) .*/s, "")),
      [
        `jupyterhub:users[${JSON.stringify(decomposed)}]: expected a map of limits and variables by user name, every name once (who may log in is in auth), got a name that is the same name as "María"`,
        `jupyterhub:auth.users[1]: expected every name once, got "maría" again`,
        `jupyterhub:notebook.profiles[0].users[1]: expected every name once, got "maría" again`,
        `jupyterhub:notebook.profiles[0].groups[1]: expected every name once, got "Prüfung" again`,
        `jupyterhub:groups.staff.members[1]: expected every name once, got "maría" again`,
      ],
    );
    assert.match(
      messagesWith({
        auth: { ...OIDC, allowAll: true, usernames: { map: { [composedName]: "a", [decomposed]: "b" } } },
      }).join("\n"),
      /auth\.usernames\.map\["mari\u0301a"\]: expected every person once, got Mar\u00eda again/,
    );
  });

  it("that a map cannot have is refused there, and not lost", () => {
    const limits = JSON.parse('{"__proto__": {"limits": {"memory": "2G"}}}') as unknown;
    assert.deepEqual(messagesWith({ users: limits }), [
      "jupyterhub:users.__proto__: expected another name, got one that no map can have. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:users.__proto__'",
    ]);
  });

  it("of who may log in can be in a group and have limits, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), (given) => {
        fc.pre(given !== "__proto__");
        const result = parseConfig(everywhere(given), contextWith());
        const name = canonicalName(given);
        assert.equal("errors" in result, nameProblem(name) !== undefined);
        if ("errors" in result) {
          return;
        }
        assert.equal(canonicalName(name), name);
        assert.equal(name.normalize("NFC"), name);
        assert.doesNotMatch(name, /[\p{C}\p{Zl}\p{Zp}`"\\/{}]/u);
        assert.deepEqual(Object.keys(result.config.users), [name]);
        // No letter became an ASCII one.
        if (/^[\0-\x7f]*$/.test(name)) {
          assert.match(given, /^[\0-\x7f]*$/);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("people of kinds that can do less", () => {
  const ACCOUNT = "$6$salt$hash";
  it("sign up with letters of any language, and are told what else is refused", () => {
    const users = ["王小明", "o'brien", "pat+jupyter@example.org", "ana_maría"];
    configOf(parseConfig({ ...MINIMAL, auth: { kind: "native", admins: ["root"], users } }, contextWith()));
    assert.match(
      messagesWith({ auth: { kind: "native", admins: ["root"], users: ["jane doe"] } }).join("\n"),
      /since the sign-up pages accept no others\), got "jane doe", which contains characters other than/,
    );
  });

  it("have accounts with any name but one with a colon", () => {
    const passwords = `jane doe:${ACCOUNT}\no'brien:${ACCOUNT}\n`;
    configOf(
      parseConfig(
        { ...MINIMAL, auth: { kind: "pam", passwords, users: ["jane doe", "o'brien"] } },
        contextWith(),
      ),
    );
    assert.match(
      messagesWith({ auth: { kind: "pam", passwords, users: ["a:b"] } }).join("\n"),
      /got "a:b", which contains a colon/,
    );
  });

  it("come from a file, in quotes where they have blanks", () => {
    const userlist = `Ann\n"jane doe" admin # the boss\n# nobody\n\n  o'brien\n"r # d"\nc#\n`;
    const auth = { kind: "shared-password", users: ["zoe"], usersFile: "userlist" };
    const config = configOf(parseConfig({ ...MINIMAL, auth }, contextWith({ userlist })));
    assert.ok("users" in config.auth);
    assert.deepEqual(config.auth.users, ["zoe", "ann", "o'brien", "r # d", "c#"]);
    assert.deepEqual(config.auth.admins, ["jane doe"]);
    assert.match(
      messagesWith({ auth }, contextWith({ userlist: "a`b\n" })).join("\n"),
      /got "a`b" on line 1 of userlist: the name contains the character `\./,
    );
  });
});

describe("a group's name", () => {
  const group = (name: string) => ({
    groups: { [name]: { members: ["alice"], folder: "read-write" } },
    notebook: { profiles: [{ ...PROFILE, groups: [name] }] },
    storage: { volumes: { data: { mountPath: "/mnt/data", groups: [name] } } },
    servers: { idle: { timeout: "8h", exceptions: [{ kind: "group", name, timeout: "9h" }] } },
  });

  for (const name of VECTORS.groups.accepted) {
    it(`may be ${short(name)} wherever groups are named`, () => {
      const config = configOf(parseConfig({ ...MINIMAL, ...group(name) }, contextWith()));
      assert.deepEqual(Object.keys(config.groups), [name]);
      assert.deepEqual(config.notebook.profiles[0]?.groups, [name]);
    });
  }

  for (const name of VECTORS.groups.refused) {
    it(`is refused as ${short(name)}`, () => {
      // A list's name is put into NFC; as it is, it is none.
      assert.ok(groupNameProblem(name));
      if (composed(name) !== name) {
        return;
      }
      assert.match(messagesWith(group(name)).join("\n"), /jupyterhub:groups.*got a name that /s);
    });
  }
});
