import assert from "node:assert/strict";

import { DataVolume } from "../../../../components/storage/data-volume";
import { run, urnName } from "../harness";

describe("DataVolume", () => {
  const make = (retain: boolean) =>
    run(() => new DataVolume("hub-data", { prefix: "jupyterhub-test", role: "hub-data", retain }));

  it("makes one named, labelled volume", async () => {
    const { ofType } = await make(true);
    const volumes = ofType("docker:index/volume:Volume");
    assert.equal(volumes.length, 1);
    assert.equal(volumes[0]?.name, "hub-data-volume");
    assert.equal(urnName(volumes[0].parent), "hub-data");
    assert.deepEqual(volumes[0].inputs, {
      name: "jupyterhub-test-hub-data",
      labels: [
        { label: "org.jupyterhub.role", value: "hub-data" },
        { label: "org.jupyterhub.stack", value: "jupyterhub-test" },
      ],
    });
  });

  it("leaves the driver and the options that a volume has which was there before", async () => {
    const { find } = await make(true);
    assert.deepEqual(find("hub-data-volume").options.ignoreChanges, ["driver", "driverOpts"]);
  });

  for (const retain of [true, false]) {
    it(`${retain ? "keeps" : "removes"} the volume on destroy when retain is ${retain}`, async () => {
      const { find } = await make(retain);
      assert.equal(find("hub-data-volume").options.retainOnDelete, retain);
    });
  }
});
