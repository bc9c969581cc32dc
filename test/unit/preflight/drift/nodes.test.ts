import assert from "node:assert/strict";

import { lookAtNodes } from "../../../../preflight/drift/nodes";
import { type ListedNode, listedNodes } from "../../../../preflight/drift/swarm-shapes";

const node = (name: string, changes: object = {}, state = "ready"): object => ({
  ID: `id-${name}`,
  Spec: { Role: name === "node1" ? "manager" : "worker", Availability: "active", Labels: {}, ...changes },
  Description: { Hostname: name },
  Status: { State: state },
});

const swarm = {
  nodes: [
    { name: "node2", host: "ssh://node2", role: "worker" as const, address: undefined },
    { name: "node3", host: "ssh://node3", role: "worker" as const, address: undefined },
  ],
  proxy: { replicas: 1, constraints: ["node.role == manager"] },
  notebooks: {
    constraints: ["node.role==worker"],
    ofProfiles: { large: ["node.labels.memory == large"] },
    ofGroups: { physics: ["node.labels.owner!=maths"] },
    reservedMemory: 0,
    reservedCpus: 0,
  },
};

const large = { Labels: { memory: "large" } };

function look(nodes: object[], left: readonly string[] = []) {
  const listed: ListedNode[] = listedNodes.parse(nodes);
  const { drift, notices } = lookAtNodes(swarm, listed, (name) => left.includes(name), "prod");
  return { drift: drift.map(({ object, changes }) => `${object}: ${changes.join("; ")}`), notices };
}

describe("the nodes of a Swarm", () => {
  it("that are as configured are passed over", () => {
    assert.deepEqual(look([node("node1"), node("node2"), node("node3", large)]), { drift: [], notices: [] });
  });

  it("are joined again when they are gone, or have left by themselves", () => {
    const gone = "it is no longer in the Swarm";
    assert.deepEqual(look([node("node1"), node("node2", large)]).drift, [`node node3: ${gone}`]);
    const { drift, notices } = look(
      [node("node1"), node("node2", large), node("node3", {}, "down")],
      ["node3"],
    );
    assert.deepEqual([drift, notices], [[`node node3: ${gone}`], []]);
    // An earlier entry of one that has come back says nothing.
    const twice = [node("node1"), node("node2", large), node("node3", {}, "down"), node("node3")];
    assert.deepEqual(look(twice), { drift: [], notices: [] });
  });

  it("are named where they are down, closed to servers, or of another role, with a command", () => {
    const { drift, notices } = look([
      node("node1"),
      node("node2", { ...large, Availability: "drain", Role: "manager" }),
      node("node3", {}, "down"),
    ]);
    assert.deepEqual(drift, []);
    assert.deepEqual(notices, [
      "node node2: availability: expected active, got drain, so no server starts there. " +
        "To take it back:  ./hub node add node2 --stack prod",
      "node node2: role: expected worker, got manager. To change it:  docker node demote node2",
      "node node3: it is down, and runs nothing.",
    ]);
  });

  it("are missed where a constraint asks for a label that none has any more", () => {
    assert.deepEqual(look([node("node1"), node("node2"), node("node3")]).notices, [
      "jupyterhub:swarm.notebooks.ofProfiles.large: no node has the label of node.labels.memory == large, so nothing " +
        "starts there. To set it:  docker node update --label-add memory=large NODE",
    ]);
  });
});
