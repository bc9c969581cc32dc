import assert from "node:assert/strict";

import { OverlayNetworks } from "../../../../components/swarm/networks";
import { run } from "../harness";
import { prefix } from "./support";

describe("OverlayNetworks", () => {
  const subnets = {
    notebooks: { subnet: "172.31.0.0/24", gateway: "172.31.0.1" },
    control: { subnet: "172.31.1.0/24", gateway: "172.31.1.1" },
  };

  it("has a gateway with each subnet, and an internal network for the APIs", async () => {
    const { inputs } = await run(
      () => new OverlayNetworks("network", { prefix, ...subnets, encrypted: false }),
    );
    const { internal, attachable, driver, ipamConfigs, options } = inputs("network-control");
    assert.deepEqual([internal, attachable, driver, options], [true, false, "overlay", undefined]);
    assert.deepEqual(ipamConfigs, [subnets.control]);
  });

  it("is another network when its packets are smaller", async () => {
    const { inputs } = await run(
      () => new OverlayNetworks("network", { prefix, ...subnets, encrypted: true, mtu: 1400 }),
    );
    const { name, options } = inputs("network-notebooks-encrypted-mtu1400");
    assert.equal(name, `${prefix}-notebooks-encrypted-mtu1400`);
    assert.deepEqual(options, { encrypted: "", "com.docker.network.driver.mtu": "1400" });
  });

  it("is another network when it is encrypted", async () => {
    const { inputs } = await run(
      () => new OverlayNetworks("network", { prefix, ...subnets, encrypted: true }),
    );
    assert.deepEqual(inputs("network-notebooks-encrypted")["options"], { encrypted: "" });
  });
});
