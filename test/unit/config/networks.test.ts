import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

describe("addresses of the networks", () => {
  const lockdown = { variant: "lockdown", egress: { allow: [{ host: "a.example.org" }] } };

  it("are the engine's choice, but for the notebooks'", () => {
    const { network } = configOf(parseConfig(MINIMAL, contextWith()));
    assert.deepEqual([network.public, network.control, network.egress], [undefined, undefined, undefined]);
  });

  it("can be chosen for each of them", () => {
    const network = {
      subnet: "10.9.0.0/21",
      public: "172.20.0.0/28",
      control: "192.168.4.0/24",
      egress: "100.64.0.0/16",
    };
    const config = configOf(parseConfig({ ...MINIMAL, ...lockdown, network }, contextWith()));
    assert.deepEqual(
      { ...config.network, allow: undefined, selfCheck: undefined },
      { ...network, allow: undefined, selfCheck: undefined },
    );
  });

  for (const role of ["public", "control", "egress"]) {
    for (const [text, why] of [
      ["10.9.0.0/29", "too small"],
      ["10.0.0.0/15", "too large"],
      ["10.9.0.1/24", "not the first address"],
      ["203.0.113.0/24", "somebody's on the internet"],
      ["172.32.0.0/16", "just outside of the private ones"],
      ["127.0.0.0/16", "the loopback interface's"],
      ["169.254.0.0/24", "link-local"],
      ["fd00::/64", "IPv6"],
      ["10.9.0.0", "an address"],
      ["10.9.0.256/24", "no address"],
      [24, "a number"],
    ] as const) {
      it(`refuses ${JSON.stringify(text)} for ${role}: ${why}`, () => {
        const [message, ...more] = messagesWith({ ...lockdown, network: { [role]: text } });
        assert.deepEqual(more, []);
        assert.match(
          message ?? "",
          new RegExp(
            `^jupyterhub:network\\.${role}: expected a private IPv4 network from /16 to /28, written with its first address, such as 10\\.201\\.\\d\\.0/24, got .* Set it with: ./hub pulumi config set --stack dev --path `,
          ),
        );
      });
    }
  }

  it("are each other's nowhere", () => {
    const network = { subnet: "10.9.0.0/21", public: "10.9.7.0/24", control: "10.9.8.0/24" };
    assert.deepEqual(messagesWith({ network }), [
      "jupyterhub:network.public: expected addresses that no other network of the stack has, got 10.9.7.0/24, which overlaps " +
        "10.9.0.0/21 of jupyterhub:network.subnet. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:network.public' 10.201.1.0/24",
    ]);
  });

  it("are refused in a Swarm, which has no such networks; one that is not there yet is told", () => {
    const alone = warningsOf(parseConfig({ ...MINIMAL, network: { egress: "10.9.0.0/24" } }, contextWith()));
    assert.match(alone.join(), /^jupyterhub:network\.egress: a single-host stack has no such network/);
    const swarm = {
      variant: "swarm",
      swarm: { registry: { address: "r:5000" }, homes: { kind: "shared-path", path: "/mnt/homes" } },
    };
    for (const role of ["public", "control", "egress"]) {
      assert.match(
        messagesWith({ ...swarm, network: { [role]: "10.9.0.0/24" } }).join(),
        new RegExp(`^jupyterhub:network\\.${role}: expected no such key in a Swarm`),
      );
    }
  });

  it("that others have on the internet are told: servers may be lost by it", () => {
    const [warning] = warningsOf(
      parseConfig({ ...MINIMAL, network: { subnet: "203.0.113.0/24" } }, contextWith()),
    );
    assert.match(warning ?? "", /^jupyterhub:network\.subnet: 203\.0\.113\.0\/24 is not a private network/);
  });
});
