import assert from "node:assert/strict";

import type { HubContents } from "../../../../tasks/hub/trial";
import { trial } from "../../../../tasks/hub/try-hub";
import { type Behaviour, FakeEngine } from "./engine";

describe("the trial of a new hub", () => {
  const contents: HubContents = {
    image: "sha256:new",
    files: [
      { path: "/etc/jupyterhub/config.json", content: '{"hub":{"stack":"prod"}}' },
      { path: "/run/secrets/cookie_secret", content: "hunter2hunter2" },
    ],
  };
  const swarm: HubContents = {
    ...contents,
    swarm: { network: "x-notebooks", data: { type: "bind", source: "/srv/hub" } },
  };
  const task = {
    Config: {
      Labels: {
        "org.jupyterhub.role": "hub",
        "org.jupyterhub.stack": "x",
        "com.docker.swarm.service.id": "s1",
      },
      Cmd: [],
      Env: [],
      Hostname: "own",
    },
  };

  /** An engine on which a trial goes as it is told. */
  function engineWith(behaviour: Behaviour, seen: (one: unknown) => void = () => undefined): FakeEngine {
    return new FakeEngine((one) => {
      if (one.Name !== "/x-hub-trial") {
        return {};
      }
      seen(structuredClone(one));
      return behaviour;
    });
  }
  const run = (engine: FakeEngine, what = contents) => trial(engine.docker, "x", what, 5);

  it("keeps a spare one of the hub that runs, and nothing of itself", async () => {
    const engine = engineWith({});
    engine.add("x-hub");
    assert.equal(await run(engine), "the new hub would start");
    assert.deepEqual(engine.names, ["x-hub", "x-hub-spare"]);
  });

  it("keeps none of a hub that is ill, and the one that there is", async () => {
    const engine = engineWith({});
    engine.add("x-hub", { State: { Running: true, Health: { Status: "unhealthy" } } });
    engine.add("x-hub-spare", { Image: "sha256:good" });
    await run(engine);
    assert.equal(engine.find("x-hub-spare")?.Image, "sha256:good");
  });

  it("fails with the reason, without secrets, and leaves the running hub and nothing of itself", async () => {
    const engine = engineWith({
      says: "no way with hunter2hunter2: ./up STACK",
      starts: { Running: false, Status: "exited", ExitCode: 1 },
    });
    engine.add("x-hub");
    engine.add("x-hub-trial");
    await assert.rejects(
      run(engine),
      /^Error: no way with \[secret\]: \.\/up prod\nThe new hub would not start\./,
    );
    assert.deepEqual(engine.names, ["x-hub"]);
  });

  it("fails with what the engine says where its container does not start", async () => {
    const engine = engineWith({ refuses: "exec format error" });
    engine.add("x-hub");
    await assert.rejects(run(engine), /^Error: exec format error\n/);
    assert.deepEqual(engine.names, ["x-hub"]);
  });

  it("is not made where no hub runs", async () => {
    for (const state of [undefined, { Running: false }, { Running: true, Restarting: true }]) {
      const engine = engineWith({});
      if (state !== undefined) {
        engine.add("x-hub", { State: state });
      }
      assert.equal(await run(engine), "not tried: no hub runs that could be lost");
    }
  });

  it("has the network of the running hub, its data to read, and an end of its own", async () => {
    let seen: unknown;
    const engine = engineWith({}, (one) => (seen = one));
    const hub = engine.add("x-hub");
    await run(engine);
    const { HostConfig, Config } = seen as ReturnType<FakeEngine["add"]>;
    assert.equal(HostConfig["NetworkMode"], `container:${hub.Id}`);
    assert.deepEqual(HostConfig["Mounts"], [
      { Type: "volume", Source: "x-hub-data", Target: "/mnt/running-hub", ReadOnly: true },
    ]);
    assert.deepEqual(HostConfig["CapDrop"], ["ALL"]);
    assert.deepEqual(Config.Env, ["JUPYTERHUB_TRIAL_SECONDS=35"]);
  });

  it("of a Swarm is made beside the hub's task, and keeps no spare one", async () => {
    let seen: unknown;
    const engine = engineWith({}, (one) => (seen = one));
    const hub = engine.add("x-hub.1.abc", task);
    assert.equal(await run(engine, swarm), "the new hub would start");
    assert.equal((seen as ReturnType<FakeEngine["add"]>).HostConfig["NetworkMode"], `container:${hub.Id}`);
    assert.deepEqual(engine.names, ["x-hub.1.abc"]);
  });

  it("of a Swarm has the servers' network and the data's place where the hub is another manager's", async () => {
    let seen: unknown;
    const engine = engineWith({}, (one) => (seen = one));
    engine.tasks = [{ Status: { State: "running" } }];
    await run(engine, swarm);
    const { HostConfig } = seen as ReturnType<FakeEngine["add"]>;
    assert.equal(HostConfig["NetworkMode"], "x-notebooks");
    assert.deepEqual(HostConfig["Mounts"], [
      { Type: "bind", Source: "/srv/hub", Target: "/mnt/running-hub", ReadOnly: true },
    ]);
  });

  it("of a Swarm is not made where its hub does not run", async () => {
    const engine = engineWith({});
    engine.tasks = [{ Status: { State: "failed" } }];
    assert.equal(await run(engine, swarm), "not tried: no hub runs that could be lost");
  });
});
