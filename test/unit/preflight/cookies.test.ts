import assert from "node:assert/strict";

import type { HubConfig } from "../../../config";
import { loggedOut } from "../../../preflight/cookies";
import type { RunningHub } from "../../../preflight/running-hub";

describe("the notice of new cookies", () => {
  const said = (settings: Record<string, unknown>) =>
    loggedOut({} as HubConfig, { settings } as unknown as RunningHub);

  it("is for who has a hub from before, and no one else", () => {
    assert.match(said({ version: 1, hub: {} }).join(), /^Everybody has to log in again, once: /);
    assert.deepEqual(said({ version: 1, hub: {}, visitors: { proxies: [], trusted: [] } }), []);
  });
});
