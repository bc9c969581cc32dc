import assert from "node:assert/strict";

import type { SwarmInfo } from "../../../docker-api/swarm";
import { managerProblem } from "../../../preflight/swarm";

describe("checks of a Swarm before anything is planned", () => {
  const info = (Swarm: Partial<SwarmInfo["Swarm"]>): SwarmInfo => ({
    Name: "node2",
    Swarm: { LocalNodeState: "active", ControlAvailable: true, NodeID: "n", NodeAddr: "10.0.0.2", ...Swarm },
  });

  it("take an engine without a Swarm and a manager, and refuse a worker with the managers' addresses", () => {
    assert.equal(
      managerProblem(info({ LocalNodeState: "inactive", ControlAvailable: false }), "dev"),
      undefined,
    );
    assert.equal(managerProblem(info({}), "dev"), undefined);
    const worker = info({
      ControlAvailable: false,
      RemoteManagers: [{ Addr: "10.0.0.1:2377", NodeID: "m" }],
    });
    assert.match(
      managerProblem(worker, "dev") ?? "",
      /got node2, which is a worker\. Name a manager \(10\.0\.0\.1\)/,
    );
    assert.match(
      managerProblem(info({ LocalNodeState: "locked", ControlAvailable: false }), "dev") ?? "",
      /is locked/,
    );
  });
});
