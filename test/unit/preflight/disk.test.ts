import assert from "node:assert/strict";

import { diskProblem } from "../../../preflight/disk";

describe("diskProblem", () => {
  it("is none with a gibibyte free", () => {
    assert.equal(diskProblem("/var/lib/docker", 1024 ** 3), undefined);
  });
  it("tells what is left, where, and how to make room", () => {
    assert.equal(
      diskProblem("/var/lib/docker", 12.7 * 1024 ** 2),
      "The Docker host's disk is full: expected at least 1024 MiB free in /var/lib/docker, got 12 MiB. " +
        "See what uses the space with: docker system df   (and free unused images with: docker image prune)",
    );
  });
});
