import assert from "node:assert/strict";

import { verify } from "../../../../setup/verify";
import { container, serve, type Stack, subject } from "./engine";

const parts = (failures: object = {}): string =>
  JSON.stringify({
    version: 1,
    parts: { hub: null, database: null, proxy: null, docker: null, disk: null, ...failures },
  });

describe("the look at a stack", () => {
  let stack: Stack;
  let served: Awaited<ReturnType<typeof serve>>;

  beforeEach(async () => {
    stack = {
      containers: [],
      images: ["sha256:own", "sha256:gpu"],
      settings: { spawner: { image: "sha256:own", profiles: [{ name: "With GPU", image: "sha256:gpu" }] } },
      ready: parts(),
      pages: { "/base/hub/login": [200, "<html>"], "/base/hub/api/": [200, '{"version": "6.1.1"}'] },
    };
    served = await serve(stack);
    const bindings = { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: String(served.port) }] };
    stack.containers = [
      container("hub"),
      container("proxy", { HostConfig: { PortBindings: bindings } }),
      container("docker-filter"),
    ];
  });

  afterEach(() => {
    served.close();
  });

  const look = (settling = 0, changes = {}) =>
    verify({ ...subject, address: { host: served.host }, ...changes }, settling);
  const wrong = async (settling = 0) => (await look(settling)).findings.map(({ what }) => what);

  it("finds nothing where all is well, and has asked by the hub's name", async () => {
    assert.deepEqual(await look(), { findings: [], unmade: [] });
    assert.deepEqual(served.asked.sort(), [
      "hub.example.org/base/hub/api/",
      "hub.example.org/base/hub/login",
    ]);
  });

  it("has the address from the hub's own settings where the stack's outputs are not at hand", async () => {
    stack.settings = { ...stack.settings, hub: { publicUrl: "https://own.example.org/base/" } };
    assert.deepEqual(await look(0, { url: undefined }), { findings: [], unmade: [] });
    assert.deepEqual(served.asked.sort(), [
      "own.example.org/base/hub/api/",
      "own.example.org/base/hub/login",
    ]);
    // Of another version, or no address: not checked, and said so.
    stack.settings = { ...stack.settings, hub: { publicUrl: "none" } };
    assert.match((await look(0, { url: undefined })).unmade.join("\n"), /the stack's address is not known/);
  });

  it("of a proxy that was stopped, says that alone", async () => {
    const stopped = { Status: "exited", FinishedAt: "2026-11-30T15:42:10.5Z" };
    stack.containers[1] = container("proxy", { State: stopped });
    stack.ready = parts({ proxy: { problem: "no answer", since: "2026-11-30T15:42:11Z" } });
    assert.deepEqual((await look(60_000)).findings, [
      {
        what: "jh-proxy has stopped (exit code 0)",
        since: new Date("2026-11-30T15:42:10.5Z"),
        fix: "./up prod",
        role: "proxy",
      },
    ]);
    assert.deepEqual(served.asked, []);
  });

  it("names what lasts before what may be over soon, and does not wait for that", async () => {
    stack.containers[0] = container("hub", {
      State: { Health: { Status: "starting", FailingStreak: 0, Log: [] } },
    });
    stack.containers[2] = container("docker-filter", { State: { Status: "paused" } });
    assert.deepEqual(await wrong(60_000), ["jh-docker-filter is paused", "jh-hub is starting"]);
  });

  it("of a hub that is gone, says so, and asks nothing of it", async () => {
    stack.containers.shift();
    const { findings, unmade } = await look(60_000);
    assert.deepEqual(
      findings.map(({ what, fix }) => [what, fix]),
      [["The container jh-hub is gone", "./up prod"]],
    );
    assert.deepEqual(unmade, ["the images of people's servers: the hub's settings cannot be read"]);
  });

  it("of a stack that was never brought up, does not say that its containers are gone", async () => {
    stack.containers = [];
    assert.deepEqual((await look(0, { containers: [] })).findings, [
      { what: 'Nothing of stack "prod" (jh) is on its Docker host', fix: "./up prod" },
    ]);
    assert.deepEqual(served.asked, []);
  });

  it("of a hub that is off a network, says which", async () => {
    const known = [{ name: "jh-hub", networks: ["jh-control", "jh-notebooks"] }];
    const { findings } = await look(60_000, { containers: known });
    assert.deepEqual(
      findings.map(({ what, fix }) => [what, fix]),
      [["jh-hub is not on the network jh-notebooks", "./up prod"]],
    );
  });

  it("names an image of people's servers that is gone, and the profiles that have it", async () => {
    stack.images = ["sha256:own"];
    assert.deepEqual(await wrong(60_000), [
      "The image of people's servers (With GPU) is gone, so none of them can start: sha256:gpu",
    ]);
  });

  it("names a part of the hub that fails, since when, and does not wait for what has failed for long", async () => {
    stack.ready = parts({
      docker: { problem: "no answer from tcp://filter", since: "2026-11-30T10:00:00Z" },
    });
    const [finding] = (await look(60_000)).findings;
    assert.equal(
      finding?.what,
      "The hub does not reach Docker, so no server can start: no answer from tcp://filter",
    );
    assert.deepEqual(finding.since, new Date("2026-11-30T10:00:00Z"));
    assert.match(finding.fix ?? "", /^docker --host unix:\S+ restart jh-docker-filter$/);
  });

  it("waits for what comes to rest", async () => {
    stack.pages["/base/hub/api/"] = [502, "Bad Gateway"];
    setTimeout(() => {
      stack.pages["/base/hub/api/"] = [200, '{"version": "6.1.1"}'];
    }, 50);
    assert.deepEqual(await wrong(10_000), []);
  });

  it("waits no longer than it is told", async () => {
    stack.pages = {};
    const [what] = await wrong();
    assert.match(what ?? "", /: Traefik has no route to the hub \(HTTP 404 for the hub's API\)$/);
  });

  it("does not take a hub of an earlier version for one that is ready", async () => {
    stack.ready = "";
    const { findings, unmade } = await look();
    assert.deepEqual(findings, []);
    assert.match(unmade.join(), /^the hub's database, .* this hub is of a version that cannot tell$/);
  });

  it("says that the Docker host does not answer", async () => {
    const address = { host: "unix:///nowhere/docker.sock" };
    const { findings } = await look(0, { address });
    assert.match(findings[0]?.what ?? "", /^The Docker host could not be asked: .*ENOENT/);
  });
});
