import assert from "node:assert/strict";

import { ROLLED_BACK_LABEL } from "../../../../docker-api/naming";
import { forgetPrevious, keepPrevious, previousHub, rollBack } from "../../../../tasks/hub/previous";
import { FakeEngine } from "./engine";

const settings = (image: string) => ({
  "/etc/jupyterhub/config.json": JSON.stringify({ spawner: { image } }),
});
const created = { Running: false, Status: "created" };
const labelled = (role: string) => ({
  Labels: { "org.jupyterhub.stack": "x", "org.jupyterhub.role": role },
  Cmd: ["jupyterhub-on-docker", "hub"],
  Env: [],
  Hostname: "own",
});

/** An engine after an update: a hub, and the spare one of before, with other settings. */
function updated(behaviour?: ConstructorParameters<typeof FakeEngine>[0]): FakeEngine {
  const engine = new FakeEngine(behaviour);
  engine.add("x-hub", { Image: "sha256:new", texts: settings("sha256:notebook-new") });
  engine.add("x-hub-spare", {
    State: created,
    Config: labelled("hub-spare"),
    texts: settings("sha256:notebook-old"),
  });
  return engine;
}

/** The same, with the hub of before kept. */
async function kept(behaviour?: ConstructorParameters<typeof FakeEngine>[0]): Promise<FakeEngine> {
  const engine = updated(behaviour);
  await keepPrevious(engine.docker, "x");
  engine.done.length = 0;
  return engine;
}

async function goBack(engine: FakeEngine) {
  const previous = await previousHub(engine.docker, "x");
  assert.ok(previous);
  return rollBack(engine.docker, "x", previous, 0.1);
}

describe("the hub of before", () => {
  it("is the spare one, once the new one is healthy; a container keeps its notebook image", async () => {
    const engine = await kept();
    assert.deepEqual(engine.names, ["x-hub", "x-hub-previous", "x-hub-previous-image"]);
    assert.equal(engine.find("x-hub-previous-image")?.Image, "sha256:notebook-old");
    assert.equal(engine.find("x-hub-previous")?.State["Status"], "created");
  });

  it("stays where the new hub is like the spare one: it was replaced since it had been changed by hand", async () => {
    const engine = await kept();
    engine.add("x-hub-spare", { Image: "sha256:new", texts: settings("sha256:notebook-new") });
    await keepPrevious(engine.docker, "x");
    assert.deepEqual(engine.names, ["x-hub", "x-hub-previous", "x-hub-previous-image"]);
    assert.equal(engine.find("x-hub-previous")?.Image, "sha256:old");
  });

  it("gives way to the next one", async () => {
    const engine = await kept();
    engine.add("x-hub-spare", { Image: "sha256:newer", texts: settings("sha256:notebook-newer") });
    await keepPrevious(engine.docker, "x");
    assert.equal(engine.find("x-hub-previous")?.Image, "sha256:newer");
    assert.equal(engine.find("x-hub-previous-image")?.Image, "sha256:notebook-newer");
  });

  it("is none of another stack's, and says which images are gone", async () => {
    const engine = await kept();
    engine.goneImages.add("sha256:notebook-old");
    assert.deepEqual((await previousHub(engine.docker, "x"))?.missing, [
      "the notebook image (sha256:notebook-old)",
    ]);
    const found = engine.find("x-hub-previous");
    assert.ok(found);
    found.Config.Labels["org.jupyterhub.stack"] = "y";
    assert.equal(await previousHub(engine.docker, "x"), undefined);
  });

  it("takes the place of the one that runs, with the database of then; that one is the hub of before", async () => {
    const engine = await kept(({ Config }) =>
      Config.Cmd[1] === "undo" ? { says: "jupyterhub-before-upgrade-from-1-2.sqlite\n" } : {},
    );
    assert.deepEqual(await goBack(engine), { database: "jupyterhub-before-upgrade-from-1-2.sqlite" });
    const hub = engine.find("x-hub");
    assert.equal(hub?.Image, "sha256:old");
    assert.match(hub.Config.Labels[ROLLED_BACK_LABEL] ?? "", /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    assert.equal(engine.find("x-hub-previous")?.Image, "sha256:new");
    assert.deepEqual(
      engine.names.filter((name) => /spare|next/.test(name)),
      [],
    );
    assert.ok(
      engine.done.indexOf("create x-hub-spare") < engine.done.indexOf("stop x-hub"),
      "none to put back",
    );
  });

  it("gives way to the one that ran, where it does not come up: with the database that it has replaced", async () => {
    const engine = await kept(({ Config, Image, Name }) => {
      if (Config.Cmd[1] === "undo") {
        return { says: "jupyterhub-before-upgrade-from-1-2.sqlite\n" };
      }
      if (Name === "/x-hub" && Image === "sha256:old") {
        return { starts: { Running: false, Status: "exited", ExitCode: 1 } };
      }
      return {};
    });
    const found = await goBack(engine);
    assert.equal(found.problem, "it is not healthy, and logs nothing");
    assert.ok("back" in found && found.back?.isWell === true);
    assert.equal(engine.done.filter((one) => one === "start x-hub").length, 2);
    assert.equal(engine.find("x-hub")?.Image, "sha256:new");
    assert.equal(engine.find("x-hub-previous")?.Image, "sha256:old", "it can be tried again");
    const undone = engine.done.filter((one) => one === "start x-hub-spare-database");
    assert.equal(undone.length, 3, "what it got is taken back, then what the failed one did");
  });

  it("has its notebook image allowed by the Docker filter, which is replaced by one like it", async () => {
    const engine = await kept();
    const list = { namePrefix: "x", images: ["sha256:notebook-new"], limits: { cpus: 2 } };
    engine.add("x-docker-filter", {
      Config: labelled("docker-filter"),
      texts: { "/etc/jupyterhub/filter.json": JSON.stringify(list) },
    });
    await goBack(engine);
    const filter = engine.find("x-docker-filter");
    assert.match(filter?.Config.Labels[ROLLED_BACK_LABEL] ?? "", /^\d{4}/);
    const written = filter?.files.join("") ?? "";
    const [found = ""] =
      /\{"images":\["sha256:notebook-new","sha256:notebook-old"\].*?\}\}/.exec(written) ?? [];
    const images = ["sha256:notebook-new", "sha256:notebook-old"];
    assert.deepEqual(JSON.parse(found || "{}"), { ...list, images });
    assert.ok(engine.done.indexOf("start x-docker-filter") < engine.done.indexOf("stop x-hub"));
  });

  it("leaves a filter alone that allows it already", async () => {
    const engine = await kept();
    const texts = { "/etc/jupyterhub/filter.json": JSON.stringify({ images: ["sha256:notebook-old"] }) };
    const { Id } = engine.add("x-docker-filter", { Config: labelled("docker-filter"), texts });
    await goBack(engine);
    assert.equal(engine.find("x-docker-filter")?.Id, Id);
  });

  for (const [images, removed] of [
    [["sha256:notebook-new"], true],
    [["sha256:notebook-new", "sha256:notebook-old"], false],
  ] as const) {
    it(`is forgotten, and its notebook image ${removed ? "goes" : "stays, since a profile offers it"}`, async () => {
      const engine = await kept();
      const texts = { "/etc/jupyterhub/filter.json": JSON.stringify({ images }) };
      engine.add("x-docker-filter", { Config: labelled("docker-filter"), texts });
      await forgetPrevious(engine.docker, "x");
      assert.deepEqual(engine.names, ["x-docker-filter", "x-hub"]);
      assert.equal(engine.done.includes("remove image sha256:notebook-old"), removed);
    });
  }
});
