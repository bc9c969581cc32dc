import assert from "node:assert/strict";

import { entryAddresses, nodeOutputs } from "../../../../components/swarm/entry";
import { node } from "../../docker-api/node-answer";

describe("outputs of a Swarm", () => {
  const nodes = [
    node("node2", "worker"),
    node("node1", "manager", { Status: { State: "ready", Addr: "0.0.0.0" } }),
  ];

  it("list nodes by name, with the images' presence and an address that others can use", () => {
    assert.deepEqual(
      nodeOutputs(nodes, new Set(["id-node2"])).map(({ name, address, imagesPresent }) => [
        name,
        address,
        imagesPresent,
      ]),
      [
        ["node1", "10.0.0.9", false],
        ["node2", "10.0.0.2", true],
      ],
    );
  });

  it("know the entry nodes", () => {
    assert.deepEqual(entryAddresses(nodes, ["node.role==worker", "node.labels.entry==yes"]), ["10.0.0.2"]);
    assert.deepEqual(entryAddresses(nodes, ["node.labels.entry!=yes"]), []);
  });
});
