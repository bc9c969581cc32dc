import assert from "node:assert/strict";

import { subnetInUse } from "../../../preflight/subnets";

describe("subnetInUse", () => {
  const other = { subnet: "10.200.0.0/16", owner: "Docker's network vpn", labels: {} };
  it("is none where nothing overlaps, and where others have IPv6", () => {
    assert.equal(subnetInUse("10.201.8.0/21", [other, { ...other, subnet: "fd00::/64" }]), undefined);
  });
  it("names who has the addresses, and the command that chooses others", () => {
    assert.equal(
      subnetInUse("10.200.8.0/21", [other]),
      "jupyterhub:network.subnet: expected addresses that nothing else has, got 10.200.8.0/21, and Docker's network vpn " +
        "has 10.200.0.0/16. Choose others with: pulumi config set --path jupyterhub:network.subnet <network>",
    );
  });
});
