import assert from "node:assert/strict";

import { partsOf, readMade } from "../../../../preflight/drift/made";

describe("partsOf", () => {
  it("takes the resource's own type, and a name with any signs", () => {
    assert.deepEqual(
      partsOf("urn:pulumi:dev::jupyterhub::jupyterhub:hub:Hub$docker:index/container:Container::a::b c"),
      {
        type: "docker:index/container:Container",
        name: "a::b c",
      },
    );
    assert.deepEqual(partsOf("urn:pulumi:dev::jupyterhub::pulumi:pulumi:Stack::jupyterhub-dev"), {
      type: "pulumi:pulumi:Stack",
      name: "jupyterhub-dev",
    });
    assert.equal(partsOf("dev"), undefined);
  });
});

describe("readMade", () => {
  it("leaves out what has another form", () => {
    const urn = "urn:pulumi:dev::jupyterhub::docker:index/volume:Volume::v";
    assert.deepEqual(
      readMade({ outputs: { [urn]: { outputs: { id: "v" } }, other: { outputs: {} }, [`${urn}2`]: 7 } }),
      [{ type: "docker:index/volume:Volume", name: "v", outputs: { id: "v" } }],
    );
    for (const answer of [undefined, null, [], { outputs: [] }]) {
      assert.deepEqual(readMade(answer), []);
    }
  });
});
