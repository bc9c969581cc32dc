import assert from "node:assert/strict";

import { possibleOrphans } from "../../../setup/recovery";
import type { StateResource } from "../../../setup/stack";

const container = (name: string, id?: string): StateResource => ({
  urn: `urn:pulumi:dev::jupyterhub::docker:index/container:Container::${name}`,
  type: "docker:index/container:Container",
  inputs: { name },
  ...(id === undefined ? {} : { id }),
});
const creating = (resource: StateResource): { type: string; resource: StateResource } => ({
  type: "creating",
  resource,
});

describe("what an interrupted run may have left on the engine", () => {
  it("is what was being created under a name of its own", () => {
    const network = { ...container("net"), type: "docker:index/network:Network" };
    const service = { ...container("proxy"), type: "docker:index/service:Service" };
    const pending = [container("hub"), network, service].map(creating);
    assert.deepEqual(possibleOrphans({ resources: [], outputs: {}, pending }), [
      { kind: "container", name: "hub" },
      { kind: "network", name: "net" },
      { kind: "service", name: "proxy" },
    ]);
  });

  it("is nothing that the state knows, no volume, and nothing without a name", () => {
    const volume = { ...container("data"), type: "docker:index/volume:Volume" };
    const unnamed = { ...container("x"), inputs: {} };
    const pending = [
      creating(container("known")),
      creating(volume),
      creating(unnamed),
      { type: "updating", resource: container("updated") },
      { type: "deleting", resource: container("deleted") },
    ];
    assert.deepEqual(possibleOrphans({ resources: [container("known", "abc")], outputs: {}, pending }), []);
  });
});
