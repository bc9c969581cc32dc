import assert from "node:assert/strict";

import { renderServers } from "../../../../../components/hub/settings/servers";
import type { ServersConfig } from "../../../../../config";
import { hubConfig } from "../../hub-settings";

describe("renderServers", () => {
  const { servers } = hubConfig();
  const idle = (values: Partial<ServersConfig["idle"]>) =>
    renderServers({ ...servers, idle: { ...servers.idle, ...values } }).idle;

  it("has no culler where no server is ever stopped", () => {
    assert.equal(idle({}), null);
    assert.equal(idle({ exceptions: [{ kind: "group", name: "a", timeout: null }] }), null);
  });

  it("looks at half of the shortest time, at most every 10 minutes", () => {
    const every = (values: Partial<ServersConfig["idle"]>) => idle(values)?.checkInterval;
    assert.equal(every({ timeout: 3600 }), 600);
    assert.equal(every({ timeout: 600 }), 300);
    assert.equal(every({ timeout: 1 }), 1);
    assert.equal(every({ timeout: 3600, exceptions: [{ kind: "profile", name: "a", maxAge: 60 }] }), 30);
    assert.equal(every({ timeout: 3600, checkInterval: 7 }), 7);
  });

  it("gives exceptions what they leave out, and sorts them", () => {
    const exceptions = [
      { kind: "profile", name: "gpu", timeout: 60 },
      { kind: "group", name: "research", maxAge: null },
    ] as const;
    assert.deepEqual(idle({ timeout: 600, maxAge: 900, exceptions })?.exceptions, [
      { kind: "group", name: "research", timeout: 600, maxAge: null },
      { kind: "profile", name: "gpu", timeout: 60, maxAge: 900 },
    ]);
  });
});
