import assert from "node:assert/strict";

import { addressPlan } from "../../../../components/network/addresses";
import { Networks } from "../../../../components/network/networks";
import { run } from "../harness";

const prefix = "jupyterhub-test";

const addresses = addressPlan(prefix, "10.200.8.0/21");

describe("Networks of a lockdown", () => {
  const options = async (isolatedGateway: boolean) => {
    const { inputs } = await run(
      () => new Networks("network", { prefix, addresses, closed: true, isolatedGateway, egress: true }),
    );
    return inputs;
  };
  it("are closed for notebooks, and have one for the way out", async () => {
    const inputs = await options(false);
    const notebooks = inputs("network-notebooks");
    assert.equal(notebooks["internal"], true);
    assert.deepEqual(notebooks["ipamConfigs"], [
      { subnet: "10.200.8.0/21", gateway: "10.200.8.1", ipRange: "10.200.12.0/22" },
    ]);
    assert.deepEqual(notebooks["options"], { "com.docker.network.bridge.name": addresses.bridges.notebooks });
    assert.equal(inputs("network-egress")["internal"], false);
  });
  it("keep the host itself off, with engines that can", async () => {
    assert.deepEqual((await options(true))("network-notebooks")["options"], {
      "com.docker.network.bridge.name": addresses.bridges.notebooks,
      "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
    });
  });
});
