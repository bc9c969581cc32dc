import assert from "node:assert/strict";

import type { Path } from "../../../config/errors";
import { configJsonSchema, type JsonSchema, kindsOf } from "../../../config/json-schema";
import { rightPlace } from "../../../config/places";
import { messagesWith } from "./support";

type Keys = Record<string, unknown>;

/** Every map of the schema with its keys; names that are chosen freely are `x`, numbers 0. */
function maps(
  node: JsonSchema,
  path: Path = [],
): { readonly path: Path; readonly names: readonly string[] }[] {
  const options = [...(kindsOf(node) ?? node.anyOf ?? [node])];
  const names = [...new Set(options.flatMap(({ properties = {} }) => Object.keys(properties)))];
  const below = options.flatMap(({ properties = {}, additionalProperties, items }) => [
    ...Object.entries(properties).flatMap(([name, child]) => maps(child, [...path, name])),
    ...(typeof additionalProperties === "object" ? maps(additionalProperties, [...path, "x"]) : []),
    ...(items === undefined ? [] : maps(items, [...path, 0])),
  ]);
  return names.length === 0 ? below : [{ path, names }, ...below];
}

describe("The place of a key that is somewhere else", () => {
  const all = maps(configJsonSchema());
  const known = new Set(all.flatMap(({ path, names }) => names.map((name) => [...path, name].join("."))));

  it("is said of no key that could be meant as another", () => {
    let hints = 0;
    for (const { path: from, names } of all) {
      for (const name of names) {
        for (const { path: to } of all) {
          const moved = [...to, name];
          if (known.has(moved.join("."))) {
            continue;
          }
          const hint = rightPlace(moved)?.join(".");
          if (hint === undefined) {
            continue;
          }
          hints++;
          // The key itself, or one in the very map that it is written in.
          const isInside = hint === [...to, "limits", name].join(".");
          if (!isInside) {
            assert.equal(hint, [...from, name].join("."), `hint for ${moved.join(".")}`);
          }
        }
      }
    }
    assert.ok(hints > 100, `${hints} hints`);
  });

  it("exists", () => {
    for (const { path } of all) {
      for (const name of new Set(all.flatMap(({ names }) => names))) {
        const hint = rightPlace([...path, name]);
        if (hint !== undefined) {
          assert.ok(known.has(hint.join(".")), `${hint.join(".")} is no key`);
          assert.ok(!known.has([...path, name].join(".")), `${[...path, name].join(".")} is a key`);
        }
      }
    }
  });

  const auth = { kind: "shared-password", users: ["alice"] };
  const hinted: [Keys, string][] = [
    [{ admins: ["alice"] }, "auth.admins"],
    [{ hub: { loginRate: {} } }, "edge.loginRate"],
    [{ tls: { kind: "self-signed", hsts: {} } }, "edge.hsts"],
    [{ notebook: { memory: "1G" } }, "notebook.limits.memory"],
    [{ notebook: { profiles: [{ name: "x", cpus: 1 }] } }, "notebook.profiles[0].limits.cpus"],
    [{ users: { alice: { memory: "1G" } } }, "users.alice.limits.memory"],
    [{ groups: { "a b": { members: [], memory: "1G" } } }, 'groups["a b"].limits.memory'],
  ];
  for (const [values, place] of hinted) {
    it(`is said: ${place} for ${JSON.stringify(values)}`, () => {
      const messages = messagesWith(values).join("\n");
      assert.match(messages, /unknown key/);
      assert.ok(messages.includes(`expected jupyterhub:${place} (the key's place)`), messages);
    });
  }

  const unhinted: [string, Keys][] = [
    ["users.alice.driver", { users: { alice: { driver: "journald" } } }],
    ["auth.password", { auth: { ...auth, password: "workshop" } }],
    ["storage.homes.path", { storage: { homes: { kind: "tree", root: "/home", path: "/home/{username}" } } }],
    ["storage.owner.from", { storage: { owner: { from: "ldap" } } }],
    ["tls.provider", { tls: { kind: "self-signed", provider: "x" } }],
    ["logging.days", { logging: { days: 30 } }],
    ["auth.email", { auth: { ...auth, email: "x@example.org" } }],
    ["database.password", { database: { kind: "postgres", password: "x" } }],
    ["proxy.environment", { proxy: { environment: {} } }],
    [
      "notebook.profiles[0].image.path",
      { notebook: { profiles: [{ image: { kind: "build", path: "." } }] } },
    ],
    ["token", { token: "x" }],
    ["password", { password: "x" }],
  ];
  for (const [key, values] of unhinted) {
    it(`is not guessed for ${key}`, () => {
      const message = messagesWith(values).find((one) => one.startsWith(`jupyterhub:${key}: `));
      assert.match(
        message ?? "no message",
        /expected a known key \(.*\), got an unknown key\. Remove it with: /,
      );
    });
  }

  it("is the key's own where another kind has it, in a list too", () => {
    const image = { kind: "build", repository: "https://example.org/course" };
    const [message = ""] = messagesWith({ notebook: { profiles: [{ name: "x", image }] } });
    assert.match(
      message,
      /profiles\[0\]\.image\.repository: expected a key of this kind .*got a key of another kind/,
    );
  });
});
