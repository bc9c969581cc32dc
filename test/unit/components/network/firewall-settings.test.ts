import assert from "node:assert/strict";

import { addressPlan } from "../../../../components/network/addresses";
import { renderFirewall } from "../../../../components/network/firewall-settings";

const prefix = "jupyterhub-test";

const addresses = addressPlan(prefix, "10.200.8.0/21");

describe("renderFirewall", () => {
  it("names what notebooks may connect to, and whose bridge reaches public addresses only", () => {
    assert.deepEqual(
      JSON.parse(
        renderFirewall(addresses, {
          internet: false,
          allow: [{ to: "192.168.7.20", ports: [5432, 443] }],
          egressPort: 3128,
        }),
      ),
      {
        table: addresses.table,
        bridge: addresses.bridges.notebooks,
        subnet: "10.200.8.0/21",
        infrastructure: ["10.200.8.2", "10.200.8.3", "10.200.8.4"],
        services: [
          { address: "10.200.8.2", port: 8081 },
          { address: "10.200.8.4", port: 3128 },
        ],
        internet: false,
        allowed: [{ network: "192.168.7.20/32", ports: [443, 5432] }],
        publicOnly: [addresses.bridges.egress],
      },
    );
  });
});
