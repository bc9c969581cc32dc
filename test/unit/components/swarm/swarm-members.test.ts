import assert from "node:assert/strict";

import { SwarmMembers } from "../../../../components/swarm/swarm-members";
import { run } from "../harness";

describe("SwarmMembers", () => {
  it("runs again for a new list of machines", async () => {
    const nodes = [{ name: "node1", host: "ssh://node1", role: "worker" as const }];
    const { inputs } = await run(
      () => new SwarmMembers("swarm", { docker: { host: "ssh://node0" }, advertise: undefined, nodes }),
    );
    const { triggers, environment } = inputs("swarm-join");
    assert.deepEqual(triggers, [JSON.stringify(nodes)]);
    assert.equal((environment as Record<string, string>)["DOCKER_HOST"], "ssh://node0");
  });
});
