import assert from "node:assert/strict";

import { Networks } from "../../components/network";
import { run, urnName } from "./harness";

describe("Networks", () => {
  it("makes three bridges, of which only control is internal", async () => {
    const { registrations, inputs } = await run(() => new Networks("network", { prefix: "jupyterhub-test" }));

    assert.deepEqual(
      registrations.filter((one) => one.custom).map((one) => one.name),
      ["network-public", "network-notebooks", "network-control"],
    );
    for (const [role, internal] of [
      ["public", false],
      ["notebooks", false],
      ["control", true],
    ] as const) {
      assert.deepEqual(inputs(`network-${role}`), {
        name: `jupyterhub-test-${role}`,
        driver: "bridge",
        internal,
        labels: [
          { label: "org.jupyterhub.role", value: role },
          { label: "org.jupyterhub.stack", value: "jupyterhub-test" },
        ],
      });
    }
  });

  it("is the parent of its networks, which are deleted before they are made anew", async () => {
    const { ofType } = await run(() => new Networks("network", { prefix: "jupyterhub-test" }));
    const networks = ofType("docker:index/network:Network");
    assert.equal(networks.length, 3);
    for (const network of networks) {
      assert.equal(urnName(network.parent), "network");
      assert.equal(network.options.deleteBeforeReplace, true);
    }
  });
});
