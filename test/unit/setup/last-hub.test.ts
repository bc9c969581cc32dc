import assert from "node:assert/strict";

import { putLastBack } from "../../../setup/last-hub";
import { tellPutBack } from "../../../tasks/hub/words";
import { FakeEngine } from "../tasks/hub/engine";

describe("the last good hub, after an update that failed or was interrupted", () => {
  async function told(engine: FakeEngine, next?: string): Promise<string[]> {
    const lines: string[] = [];
    await putLastBack(engine.docker, "x", (line) => lines.push(line), next);
    return lines;
  }

  it("is put back where no hub is there", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub-spare");
    assert.deepEqual(await told(engine), [
      "",
      "The update has removed the hub: the last good one is put back.",
      "The last good hub runs again: image, settings and secrets are as before this update.",
      "Correct the configuration, then run ./up again: it replaces this hub with the new one.",
    ]);
    assert.deepEqual(engine.names, ["x-hub", "x-hub-spare"]);
  });

  it("is put back where the new one was made and could not be started", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub-spare");
    engine.add("x-hub", { Image: "sha256:new", State: { Running: false, Status: "created" } });
    assert.equal((await told(engine, "Then this.")).at(-1), "Then this.");
    assert.equal(engine.find("x-hub")?.Image, "sha256:old");
  });

  it("is not put in the place of one that is there, in whatever state", async () => {
    for (const Status of ["running", "restarting", "exited", "paused"]) {
      const engine = new FakeEngine();
      engine.add("x-hub-spare");
      engine.add("x-hub", { State: { Status } });
      assert.deepEqual(await told(engine), []);
      assert.deepEqual(engine.done, []);
    }
  });

  it("is none where there is no spare one", async () => {
    assert.deepEqual(await told(new FakeEngine()), []);
  });

  it("takes what is left of a trial with it, whose copy of the database nobody needs", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub-trial");
    engine.add("x-hub");
    assert.deepEqual(await told(engine), []);
    assert.deepEqual(engine.names, ["x-hub"]);
  });

  it("is told with its database, its health, and what went wrong", () => {
    assert.match(
      tellPutBack("x", { isWell: true, database: "a.sqlite" })[0] ?? "",
      /^The last good hub runs again, with its database \(a\.sqlite\): /,
    );
    assert.match(
      tellPutBack("x", { isWell: false, database: undefined })[0] ?? "",
      /^The last good hub was put back, but it is not healthy: docker logs x-hub$/,
    );
    assert.deepEqual(tellPutBack("x", "no engine"), ["The last good hub could not be put back: no engine"]);
    assert.deepEqual(tellPutBack("x", undefined), []);
  });
});
