import assert from "node:assert/strict";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";

import type { Drift } from "../../../../preflight/drift/compare";
import { keepServers } from "../../../../preflight/drift/keep-servers";
import { NETWORK } from "../../../../preflight/drift/kinds";
import type { Made } from "../../../../preflight/drift/made";
import { run } from "../../components/harness";

const gone: Drift = {
  type: NETWORK,
  name: "network-notebooks",
  object: "network x-notebooks",
  physicalName: "x-notebooks",
  changes: ["it is gone"],
};

const state = (network: string, trigger: string): Made[] => [
  { type: NETWORK, name: "network-notebooks", outputs: { id: network, name: "x-notebooks" } },
  {
    type: "command:local:Command",
    name: "notebook-servers-removal",
    outputs: { triggers: [trigger] },
  },
];

/** Triggers of the command that removes people's servers. */
async function triggers(made: readonly Made[], drift: readonly Drift[], network: string): Promise<unknown> {
  const { inputs } = await run(() => {
    keepServers("x", made, drift);
    new docker.Network("network-notebooks", { name: "x-notebooks" });
    new command.local.Command("notebook-servers-removal", { create: "true", triggers: [network] });
  });
  return inputs("notebook-servers-removal")["triggers"];
}

describe("keepServers", () => {
  it("keeps people's servers while their network is made again, and in the updates after that", async () => {
    assert.deepEqual(await triggers(state("n1", "n1"), [gone], "n2"), ["n1"]);
    assert.deepEqual(await triggers(state("n2", "n1"), [], "n2"), ["n1"]);
  });

  it("has them go before the network is replaced for its configuration", async () => {
    assert.deepEqual(await triggers(state("n1", "n1"), [], "n2"), ["n2"]);
    assert.deepEqual(await triggers(state("n2", "n1"), [], "n3"), ["n3"]);
    assert.deepEqual(await triggers([], [], "n1"), ["n1"]);
  });
});
