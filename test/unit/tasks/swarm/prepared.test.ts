import assert from "node:assert/strict";
import type Docker from "dockerode";

import { nodesWith, preparedNodes } from "../../../../tasks/swarm/prepared";

/** A manager with these services, and tasks of a service on a node in a state. */
const manager = (services: string[], tasks: [service: string, node: string, state: string][]) =>
  ({
    listServices: () => Promise.resolve(services.map((ID) => ({ ID }))),
    listTasks: () =>
      Promise.resolve(
        tasks.map(([ServiceID, NodeID, State]) => ({
          ServiceID,
          NodeID,
          DesiredState: "running",
          Status: { State },
        })),
      ),
  }) as unknown as Docker;

describe("nodes on which services of a role run", () => {
  it("are those that run all of them", async () => {
    const docker = manager(
      ["a", "b"],
      [
        ["a", "node1", "running"],
        ["b", "node1", "running"],
        ["a", "node2", "running"],
        ["b", "node2", "starting"],
      ],
    );
    assert.deepEqual([...((await nodesWith(docker, "x", "firewall")) ?? [])], ["node1"]);
  });

  it("are not known where there is no such service; no node is prepared then", async () => {
    assert.equal(await nodesWith(manager([], []), "x", "firewall"), undefined);
    assert.deepEqual(await preparedNodes(manager([], []), "x"), new Set());
  });
});
