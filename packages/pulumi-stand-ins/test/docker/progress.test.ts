import assert from "node:assert/strict";
import { Readable } from "node:stream";
import Docker from "dockerode";

import { follow } from "../../docker/progress";

describe("the engine's lines of a push", () => {
  const engine = { docker: new Docker() };
  const lines = (...events: object[]) =>
    Readable.from(events.map((event) => Buffer.from(`${JSON.stringify(event)}\n`)));

  it("are told one by one", async () => {
    const told: string[] = [];
    let digest: string | undefined;
    const events = [{ id: "a1", status: "Pushing", progress: "[=>]" }, { aux: { Digest: "sha256:1" } }];
    await follow(engine, lines(...events), "cannot push x", (line, event) => {
      told.push(line);
      digest ??= event.aux?.Digest;
    });
    assert.deepEqual(told, ["a1 Pushing [=>]", ""]);
    assert.equal(digest, "sha256:1");
  });

  it("are an error when one of them has one", async () => {
    const error = "dial tcp 10.0.0.1:5000: connect: connection refused";
    await assert.rejects(
      follow(engine, lines({ status: "Preparing" }, { error }), "cannot push x", () => undefined),
      { message: `cannot push x: ${error}` },
    );
  });
});
