import assert from "node:assert/strict";

import type { Connection } from "../../docker/connection";
import { network } from "../../docker/network";
import type { Log } from "../../lib/types";

describe("a network of a Swarm", () => {
  it("is read when its driver and addresses are decided, which is after the engine's answer", async () => {
    const undecided = {
      Id: "1",
      Name: "n",
      Driver: "",
      Scope: "swarm",
      IPAM: { Config: null },
      Options: null,
    };
    const decided = {
      ...undecided,
      Driver: "overlay",
      IPAM: { Driver: "default", Config: [{ Subnet: "172.31.0.0/24", Gateway: "172.31.0.1" }] },
    };
    const answers = [undecided, undecided, decided];
    const engine = {
      docker: {
        createNetwork: () => Promise.resolve({ id: "1" }),
        getNetwork: () => ({
          inspect: () => Promise.resolve(answers.length > 1 ? answers.shift() : decided),
        }),
      },
    } as unknown as Connection;
    const { outputs } = await network(() => engine).create({
      urn: "urn:pulumi:test::test::docker:index/network:Network::n",
      inputs: { name: "n", driver: "overlay", ipamConfigs: [{ subnet: "172.31.0.0/24" }] },
      preview: false,
      log: { status: () => undefined } as unknown as Log,
      signal: new AbortController().signal,
    });
    assert.equal(outputs["driver"], "overlay");
    assert.deepEqual(answers, [decided]);
    const [config] = outputs["ipamConfigs"] as { subnet: string }[];
    assert.equal(config?.subnet, "172.31.0.0/24");
  });
});
