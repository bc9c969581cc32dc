import assert from "node:assert/strict";

import { renderObjects } from "../../../../cli/verbs/objects";

describe("what ./hub objects remove says before it removes it", () => {
  it("names objects, and counts them where there are many of a kind", () => {
    const volumes = Array.from({ length: 300 }, (_, at) => ({
      kind: "volume" as const,
      name: `p-home-${at}`,
    }));
    assert.deepEqual(renderObjects([{ kind: "container", name: "p-hub" }, ...volumes]), [
      "container p-hub",
      "300 volumes",
    ]);
    assert.deepEqual(renderObjects([{ kind: "volume", name: "p-hub-data" }]), ["volume p-hub-data"]);
  });
});
