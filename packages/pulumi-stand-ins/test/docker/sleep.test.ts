import assert from "node:assert/strict";

import { sleep } from "../../docker/connection";

describe("sleep", () => {
  it("ends at once when the update is cancelled, before or meanwhile", async () => {
    await assert.rejects(sleep(60_000, AbortSignal.abort()), /^Error: cancelled$/);
    const controller = new AbortController();
    const sleeping = sleep(60_000, controller.signal);
    controller.abort();
    await assert.rejects(sleeping, /^Error: cancelled$/);
  });
  it("ends by itself when it is not", async () => {
    await sleep(1, new AbortController().signal);
  });
});
