import assert from "node:assert/strict";
import Docker from "dockerode";
import { stringify } from "yaml";

import { losesQuorum, updateNode } from "../../../../cli/node/cluster";
import { needSwarm, settingsOf } from "../../../../cli/node/stack-file";
import { parseStackFile } from "../../../../config/stack-file";
import type { NodeAnswer } from "../../../../docker-api/swarm";
import { node } from "../../docker-api/node-answer";

describe("./hub node", () => {
  it("reads the stack's file, also where lists are JSON text", () => {
    const file = (config: object, name: string) =>
      parseStackFile(stringify({ config }), { name: "jupyterhub", backendUrl: undefined }, name);
    const stack = settingsOf(
      file(
        {
          "jupyterhub:variant": "swarm",
          "jupyterhub:swarm": '{"nodes":[{"name":"node2","host":"ssh://node2"}]}',
          "jupyterhub:docker": { host: "ssh://node1" },
        },
        "prod",
      ),
    );
    assert.ok(stack);
    assert.deepEqual(stack.address, { host: "ssh://node1" });
    assert.deepEqual(stack.members, [{ name: "node2", host: "ssh://node2", role: "worker" }]);
    assert.deepEqual([stack.mountPath, stack.owner], ["/home/jovyan", { uid: 1000, gid: 100 }]);
    assert.equal(settingsOf(file({}, "dev")), undefined);
    // What is wrong is told as the program tells it.
    assert.throws(
      () =>
        settingsOf(
          file({ "jupyterhub:variant": "swarm", "jupyterhub:swarm": { nodes: [{ nane: "a" }] } }, "p"),
        ),
      /jupyterhub:swarm\.nodes\[0\]\.nane: expected jupyterhub:swarm\.nodes\[0\]\.name \(the nearest known key\)/,
    );
  });

  it("refuses a stack of another variant", () => {
    const file = { project: "jupyterhub", stack: "dev", values: {} };
    assert.throws(
      () =>
        needSwarm({
          name: "dev",
          prefix: "jh",
          file,
          docker: new Docker(),
          address: { host: "unix:///var/run/docker.sock" },
          tell: () => undefined,
        }),
      /expected a stack with jupyterhub:variant swarm, got "dev"/,
    );
  });

  it("does not take a manager without which there is no majority", () => {
    const three = [node("node1", "manager"), node("node2", "manager"), node("node3", "manager")];
    const [first] = three as [NodeAnswer];
    assert.equal(losesQuorum(three, first), false);
    const lost = node("node2", "manager", { ManagerStatus: { Addr: "", Reachability: "unreachable" } });
    assert.equal(losesQuorum([first, lost, node("node3", "manager")], first), true);
    assert.equal(losesQuorum([first, node("node4", "worker")], first), true);
    assert.equal(losesQuorum([first, node("node4", "worker")], node("node4", "worker")), false);
  });

  it("changes a node from what it is now, also when Swarm changes it at the same time", async () => {
    const now = node("node2", "worker");
    let index = 6;
    const asked: unknown[] = [];
    const docker = {
      listNodes: () => Promise.resolve([{ ...now, Version: { Index: (index += 1) } }]),
      getNode: (id: string) => ({
        update: (specification: { version: number; Role: string }) => {
          asked.push([id, specification]);
          const problems: Record<number, string> = {
            7: "update out of sequence",
            8: "raft: failed to process the request: node lost leader status",
          };
          const problem = problems[specification.version];
          return problem === undefined
            ? Promise.resolve()
            : Promise.reject(new Error(`(HTTP code 500) rpc error: desc = ${problem}`));
        },
      }),
    } as unknown as Docker;
    await updateNode(docker, "node2", { Role: "manager" });
    const wanted = { Role: "manager", Availability: "active", Labels: { entry: "yes" } };
    assert.deepEqual(
      asked,
      [7, 8, 9].map((version) => ["id-node2", { version, ...wanted }]),
    );
  });
});
