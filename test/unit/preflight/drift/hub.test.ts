import assert from "node:assert/strict";

import type { Drift } from "../../../../preflight/drift/compare";
import { lostDatabase, withHub } from "../../../../preflight/drift/hub";
import { CONTAINER, VOLUME } from "../../../../preflight/drift/kinds";
import type { Made } from "../../../../preflight/drift/made";

describe("withHub", () => {
  const hub: Made = { type: CONTAINER, name: "hub-container", outputs: { name: "x-hub" } };
  const missing = ["route /user/alice/: it is gone"];

  it("has the hub made again for routes that are missing", () => {
    assert.deepEqual(withHub([], missing, "x", [hub]), [
      {
        type: CONTAINER,
        name: "hub-container",
        physicalName: "x-hub",
        object: "container x-hub",
        changes: missing,
      },
    ]);
    const known: Drift = {
      type: CONTAINER,
      name: "hub-container",
      physicalName: "x-hub",
      object: "container x-hub",
      changes: ["it is paused"],
    };
    const [one, ...others] = withHub([known], missing, "x", [hub]);
    assert.deepEqual(one?.changes, ["it is paused", ...missing]);
    assert.deepEqual(others, []);
  });

  it("changes nothing without one, or where the state has no hub", () => {
    assert.deepEqual(withHub([], [], "x", [hub]), []);
    assert.deepEqual(withHub([], missing, "x", []), []);
  });
});

describe("lostDatabase", () => {
  const gone = (physicalName: string): Drift => ({
    type: VOLUME,
    name: "some-volume",
    physicalName,
    object: `volume ${physicalName}`,
    changes: ["it is gone, with all that was in it"],
  });

  it("is a reason for the hub where the database's volume begins anew, and no other's", () => {
    assert.deepEqual(lostDatabase([gone("x-database-data")], "x"), [
      "its database starts empty: the volume x-database-data has to be recreated",
    ]);
    assert.deepEqual(lostDatabase([gone("x-hub-data"), gone("y-database-data")], "x"), []);
  });
});
