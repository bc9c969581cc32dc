import assert from "node:assert/strict";

import {
  ServerTrial,
  type ServerTrialArgs,
  settingsOfServers,
} from "../../../../components/hub/server-trial";
import { run } from "../harness";
import { prefix } from "../services";

describe("ServerTrial", () => {
  const make = (changes: Partial<ServerTrialArgs> = {}) =>
    run(() => {
      const args = { prefix, stack: "dev", docker: {}, startTimeout: 90, hasHub: true, needs: ["a", "b"] };
      new ServerTrial("server-trial", { ...args, ...changes });
    });
  const environment = async (changes: Partial<ServerTrialArgs> = {}) =>
    (await make(changes)).inputs("server-trial-run")["environment"] as Readonly<Record<string, string>>;

  it("tries servers in an update, and for nothing but what they need", async () => {
    const { inputs } = await make();
    const { environment: given, ...rest } = inputs("server-trial-run");
    assert.deepEqual(rest, {
      create: "node tasks/run.cjs try-servers",
      update: "node tasks/run.cjs try-servers",
      addPreviousOutputInEnv: false,
      logging: "none",
    });
    const { NEEDS: needs, ...others } = given as Readonly<Record<string, string>>;
    assert.deepEqual(others, { STACK_PREFIX: prefix, STACK: "dev", START_TIMEOUT: "90" });
    assert.match(needs ?? "", /^[0-9a-f]{64}$/);
    assert.equal((await environment())["NEEDS"], needs);
    assert.notEqual((await environment({ needs: ["a", "c"] }))["NEEDS"], needs);
    assert.notEqual((await environment({ needs: ["ab"] }))["NEEDS"], needs);
  });

  it("tries nothing on a host without a hub, and that there was none stays no change later", async () => {
    const { inputs, find } = await make({ hasHub: false });
    assert.equal(inputs("server-trial-run")["create"], "true");
    assert.deepEqual(find("server-trial-run").options.ignoreChanges, ["create"]);
  });

  it("goes by the settings that servers are made with, and by no others", () => {
    const settings = {
      version: 1,
      hub: { announcement: "x" },
      spawner: { image: "a" },
      storage: {},
      docker: {},
    };
    const usual = settingsOfServers(JSON.stringify(settings));
    assert.equal(settingsOfServers(JSON.stringify({ ...settings, hub: { announcement: "y" } })), usual);
    for (const change of [{ spawner: { image: "b" } }, { storage: { uid: 1 } }, { lockdown: { dns: [] } }]) {
      assert.notEqual(settingsOfServers(JSON.stringify({ ...settings, ...change })), usual);
    }
  });
});
