import assert from "node:assert/strict";

import { addressPlan } from "../../../../components/network/addresses";
import { Networks, type NetworksArgs } from "../../../../components/network/networks";
import { run, urnName } from "../harness";

const addresses = addressPlan("jupyterhub-test", "10.200.8.0/21");

describe("Networks", () => {
  it("makes three bridges, of which only control is internal", async () => {
    const { registrations, inputs } = await run(
      () => new Networks("network", { prefix: "jupyterhub-test", addresses, closed: false }),
    );

    assert.deepEqual(
      registrations
        .filter((one) => one.custom)
        .map((one) => one.name)
        .sort(),
      ["network-control", "network-notebooks", "network-public"],
    );
    for (const [role, internal] of [
      ["public", false],
      ["notebooks", false],
      ["control", true],
    ] as const) {
      const { options, ipamConfigs, ...rest } = inputs(`network-${role}`);
      assert.equal(options !== undefined && ipamConfigs !== undefined, role === "notebooks");
      assert.deepEqual(rest, {
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

  it("takes chosen addresses for each of its networks, and leaves the others as they are", async () => {
    const of = (subnets: NetworksArgs["subnets"]) =>
      run(
        () =>
          new Networks("network", {
            prefix: "jupyterhub-test",
            addresses,
            closed: true,
            egress: true,
            ...(subnets ? { subnets } : {}),
          }),
      );
    const before = await of(undefined);
    const roles = ["public", "control", "egress"] as const;
    for (const role of roles) {
      assert.equal(before.inputs(`network-${role}`)["ipamConfigs"], undefined);
      const after = await of({ [role]: "10.9.0.16/28" });
      assert.deepEqual(after.inputs(`network-${role}`), {
        ...before.inputs(`network-${role}`),
        ipamConfigs: [{ subnet: "10.9.0.16/28", gateway: "10.9.0.17" }],
      });
      for (const other of [...roles, "notebooks"].filter((one) => one !== role)) {
        assert.deepEqual(after.inputs(`network-${other}`), before.inputs(`network-${other}`), other);
      }
    }
  });

  it("limits the packets of all of them, and changes nothing else", async () => {
    const of = (mtu: number | undefined) =>
      run(
        () =>
          new Networks("network", { prefix: "jupyterhub-test", addresses, closed: true, egress: true, mtu }),
      );
    const [before, after] = [await of(undefined), await of(1450)];
    for (const role of ["public", "notebooks", "control", "egress"]) {
      const { options, ...rest } = after.inputs(`network-${role}`);
      const { options: others, ...same } = before.inputs(`network-${role}`);
      assert.deepEqual(rest, same);
      assert.deepEqual(options, { ...(others as object), "com.docker.network.driver.mtu": "1450" });
    }
  });

  it("is the parent of its networks, which are deleted before they are made anew", async () => {
    const { ofType } = await run(
      () => new Networks("network", { prefix: "jupyterhub-test", addresses, closed: false }),
    );
    const networks = ofType("docker:index/network:Network");
    assert.equal(networks.length, 3);
    for (const network of networks) {
      assert.equal(urnName(network.parent), "network");
      assert.equal(network.options.deleteBeforeReplace, true);
    }
  });
});
