import assert from "node:assert/strict";

import { diff } from "../../docker/bridge/diff";
import { containerShape } from "../../docker/container/shape";

describe("diff of a container against what its image sets", () => {
  const olds = { name: "hub", image: "sha256:1", user: "10001:10001", workingDir: "/srv/jupyterhub" };
  const details = (news: Record<string, unknown>) =>
    diff(containerShape, olds, { name: "hub", image: "sha256:1", ...news }).detailedDiff ?? {};

  it("has no user and no folder in it when the program names neither", () => {
    assert.deepEqual(
      Object.keys(details({})).filter((name) => name === "user" || name === "workingDir"),
      [],
    );
  });

  it("replaces the container when the program names others", () => {
    const { user, workingDir } = details({ user: "0:0", workingDir: "/" });
    assert.deepEqual([user, workingDir], [{ kind: "UPDATE_REPLACE" }, { kind: "UPDATE_REPLACE" }]);
  });
});
