import assert from "node:assert/strict";
import fc from "fast-check";

import { addressPlan } from "../../../../components/network/addresses";
import { type Cidr, contains, parseCidr } from "../../../../config/values/cidr";

const cidr = (text: string) => parseCidr(text) as Cidr;

describe("addressPlan", () => {
  it("has fixed addresses in the first half of the network and notebooks in the second", () => {
    const plan = addressPlan("jupyterhub-dev", "10.200.8.0/21");
    assert.deepEqual(
      { ...plan, bridges: undefined, table: undefined },
      {
        subnet: "10.200.8.0/21",
        gateway: "10.200.8.1",
        range: "10.200.12.0/22",
        hub: "10.200.8.2",
        proxy: "10.200.8.3",
        egress: "10.200.8.4",
        bridges: undefined,
        table: undefined,
      },
    );
  });
  it("chooses by the name: the same for one, another for another, always in 10.128.0.0/9", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const plan = addressPlan(name);
        assert.deepEqual(plan, addressPlan(name));
        assert.ok(contains(cidr("10.128.0.0/9"), plan.hub));
        assert.match(plan.table, /^[a-z][a-z0-9_]+$/);
        for (const bridge of Object.values(plan.bridges)) {
          assert.ok(bridge.length <= 15, bridge);
        }
      }),
    );
    const names = Array.from({ length: 20 }, (_, index) => `stack-${index}`);
    assert.equal(new Set(names.map((name) => addressPlan(name).table)).size, 20);
    assert.equal(new Set(names.map((name) => addressPlan(name).subnet)).size, 20);
  });
});
