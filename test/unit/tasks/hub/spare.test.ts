import assert from "node:assert/strict";

import { PUT_BACK_LABEL } from "../../../../docker-api/naming";
import { couldNotStart } from "../../../../tasks/hub/containers";
import { comesUp, keepSpare, putBack } from "../../../../tasks/hub/spare";
import { FakeEngine } from "./engine";

describe("the spare hub", () => {
  const ended = { Running: false, Status: "exited", ExitCode: 1 };

  /** An engine with a spare hub, and one that failed in its place. */
  function afterFailure(behaviour: ConstructorParameters<typeof FakeEngine>[0]): FakeEngine {
    const engine = new FakeEngine(behaviour);
    engine.add("x-hub-spare", { State: { Running: false, Status: "created" } });
    engine.add("x-hub", { Image: "sha256:new", State: { ...ended } });
    return engine;
  }

  it("is like the hub that runs, without its name on the network, and is not started", async () => {
    const engine = new FakeEngine();
    const hub = engine.add("x-hub");
    hub.NetworkSettings.Networks["x-notebooks"] = {
      IPAMConfig: { IPv4Address: "10.0.0.2" },
      Aliases: ["hub", hub.Id.slice(0, 12)],
    };
    engine.add("x-hub-spare", { Image: "sha256:older" });
    await keepSpare(engine.docker, "x", await engine.docker.getContainer("x-hub").inspect());
    const spare = engine.find("x-hub-spare");
    assert.ok(spare);
    assert.equal(spare.Image, "sha256:old");
    assert.equal(spare.State["Status"], "created");
    assert.deepEqual(spare.HostConfig["RestartPolicy"], { Name: "no" });
    assert.deepEqual(spare.Config.Labels, {
      "org.jupyterhub.role": "hub-spare",
      "org.jupyterhub.stack": "x",
    });
    assert.deepEqual(spare.NetworkSettings.Networks, {
      "x-notebooks": { IPAMConfig: { IPv4Address: "10.0.0.2" }, Aliases: ["hub"] },
    });
    assert.deepEqual(spare.files, ["/etc/jupyterhub", "/run/secrets"]);
  });

  it("takes the place of the failed one, once what that did to the database is taken back", async () => {
    const engine = afterFailure(({ Config }) =>
      Config.Cmd[1] === "undo" ? { says: "jupyterhub-before-upgrade-from-1-2.sqlite\n" } : {},
    );
    assert.deepEqual(await putBack(engine.docker, "x", 1), {
      isWell: true,
      database: "jupyterhub-before-upgrade-from-1-2.sqlite",
    });
    assert.deepEqual(engine.done, [
      "stop x-hub",
      "create x-hub-spare-database",
      "start x-hub-spare-database",
      "remove x-hub-spare-database",
      "remove x-hub",
      "create x-hub",
      "start x-hub",
    ]);
    const hub = engine.find("x-hub");
    assert.equal(hub?.Image, "sha256:old");
    assert.match(hub.Config.Labels[PUT_BACK_LABEL] ?? "", /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    assert.equal(hub.Config.Labels["org.jupyterhub.role"], "hub");
    assert.deepEqual(hub.HostConfig["RestartPolicy"], { Name: "unless-stopped" });
    assert.deepEqual(engine.names, ["x-hub", "x-hub-spare"], "the spare one stays");
  });

  it("asks the failed one's program what to take back, since it was made, with its files and networks", async () => {
    let asked: { Cmd: string[]; Image: string; networks: string[]; files: string[] } | undefined;
    const engine = afterFailure((one) => {
      if (one.Config.Cmd[1] === "undo") {
        const { Config, Image, NetworkSettings, files } = one;
        asked = { Cmd: Config.Cmd, Image, networks: Object.keys(NetworkSettings.Networks), files };
      }
      return {};
    });
    await putBack(engine.docker, "x", 1);
    assert.deepEqual(asked, {
      Cmd: ["jupyterhub-on-docker", "undo", "2026-01-02T03:04:05.123456Z"],
      Image: "sha256:new",
      networks: ["x-notebooks"],
      files: ["/etc/jupyterhub", "/run/secrets"],
    });
  });

  it("takes it where the failed one's image does not start at all", async () => {
    const engine = afterFailure(({ Config }) =>
      Config.Cmd[1] === "undo" ? { refuses: "exec: no such file" } : {},
    );
    assert.deepEqual(await putBack(engine.docker, "x", 1), { isWell: true, database: undefined });
    assert.deepEqual(engine.names, ["x-hub", "x-hub-spare"]);
  });

  it("takes the place of none", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub-spare");
    assert.deepEqual(await putBack(engine.docker, "x", 1), { isWell: true, database: undefined });
    assert.deepEqual(engine.done, ["create x-hub", "start x-hub"]);
  });

  it("is told to be ill where it does not come up either", async () => {
    const engine = afterFailure(({ Config }) => (Config.Cmd[1] === "undo" ? {} : { starts: ended }));
    assert.deepEqual(await putBack(engine.docker, "x", 1), { isWell: false, database: undefined });
  });

  it("leaves a failed hub alone where there is no spare one", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub", { State: ended });
    assert.equal(await putBack(engine.docker, "x", 1), undefined);
    assert.deepEqual(engine.done, []);
  });

  for (const [what, state, restarts, expected] of [
    ["healthy", { Health: { Status: "healthy" } }, 0, { how: "healthy" }],
    ["starting too long", { Health: { Status: "starting" } }, 0, { how: "late" }],
    ["ended", ended, 0, { how: "ended", code: 1, killed: undefined }],
    ["ended once, and started again", { Restarting: true, ExitCode: 1 }, 1, { how: "late" }],
    [
      "ended twice, killed for memory",
      { Restarting: true, ExitCode: 137, OOMKilled: true },
      2,
      { how: "ended", code: 137, killed: true },
    ],
  ] as const) {
    it(`waits for a hub that is ${what}`, async () => {
      const engine = new FakeEngine();
      engine.add("x-hub", { State: state, RestartCount: restarts });
      assert.deepEqual(await comesUp(engine.docker.getContainer("x-hub"), 0), expected);
    });
  }

  it("does not wait for a hub whose proxy could not be started", async () => {
    const engine = new FakeEngine();
    engine.add("x-hub", { State: { Running: true, Health: { Status: "starting" } } });
    const container = engine.docker.getContainer("x-hub");
    assert.deepEqual(await comesUp(container, 60, () => Promise.resolve(true)), { how: "in-vain" });
    for (const [state, expected] of [
      [{ Running: false, ExitCode: 128, Error: "driver failed programming external connectivity" }, true],
      [{ Running: false, ExitCode: 1, Error: "" }, false],
      [{ Running: true, ExitCode: 0, Error: "" }, false],
    ] as const) {
      assert.equal(couldNotStart({ State: state } as never), expected);
    }
  });
});
