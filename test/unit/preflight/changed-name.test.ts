import assert from "node:assert/strict";

import { changedNameProblem, nameBefore } from "../../../preflight/changed-name";
import { CONTAINER, NETWORK, SERVICE, VOLUME } from "../../../preflight/drift/kinds";
import type { Made } from "../../../preflight/drift/made";

const made = (type: string, stack: unknown): Made => ({
  type,
  name: "one",
  outputs: {
    labels: [
      { label: "org.jupyterhub.role", value: "hub" },
      { label: "org.jupyterhub.stack", value: stack },
    ],
  },
});

describe("the name of what a stack has made", () => {
  it("is another one when nothing has the configured one", () => {
    for (const type of [CONTAINER, NETWORK, SERVICE]) {
      assert.equal(nameBefore("new", [made(type, "old")]), "old");
      assert.equal(nameBefore("old", [made(type, "old")]), undefined);
    }
    // An update that was interrupted may have made a part under the new name.
    assert.equal(nameBefore("new", [made(CONTAINER, "old"), made(NETWORK, "new")]), undefined);
  });

  it("is nothing where the stack is new, or only has volumes that were kept", () => {
    for (const one of [made(VOLUME, "old"), made(CONTAINER, 7), { ...made(CONTAINER, "x"), outputs: {} }]) {
      assert.equal(nameBefore("new", [one]), undefined);
    }
    assert.equal(nameBefore("new", []), undefined);
  });
});

describe("a changed name", () => {
  const taken = new Set(["hub2", "hub2-2"]);
  const text = changedNameProblem("ops", "hub", "hub2", (name) => !taken.has(name));

  it("says what it means, with a command for each way", () => {
    assert.match(text, /^jupyterhub:name: expected "hub", .* stack "ops" .*, got "hub2"\. .*an empty home/);
    const commands = text.split("\n").flatMap((line) => /^ {4}(.+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(commands, [
      "./hub pulumi config set --stack ops jupyterhub:name hub",
      "cp Pulumi.ops.yaml Pulumi.hub2-3.yaml && ./hub pulumi config set --stack ops jupyterhub:name hub && ./up hub2-3",
      "./up ops --destroy",
    ]);
  });

  it("overwrites no file of another stack", () => {
    assert.match(
      changedNameProblem("ops", "a1", "b1", () => true),
      /cp Pulumi\.ops\.yaml Pulumi\.b1\.yaml/,
    );
    assert.match(
      changedNameProblem("ops", "a1", "b1", () => false),
      /cp Pulumi\.ops\.yaml Pulumi\.NEWNAME\.yaml/,
    );
  });
});
