import assert from "node:assert/strict";

import { diff } from "../../../offline/plugins/docker/bridge/diff";
import { containerShape } from "../../../offline/plugins/docker/container/shape";

describe("diff of a container against what its image sets", () => {
  const news = { name: "hub", image: "sha256:1" };

  it("is none when the image names a user and a folder and the program does not", () => {
    const olds = { ...news, user: "10001:10001", workingDir: "/srv/jupyterhub" };
    assert.equal(diff(containerShape, olds, news).changes, "DIFF_NONE");
  });

  it("is a replacement when the program names another user", () => {
    const olds = { ...news, user: "10001:10001" };
    assert.deepEqual(diff(containerShape, olds, { ...news, user: "0:0" }).replaces, ["user"]);
  });
});
