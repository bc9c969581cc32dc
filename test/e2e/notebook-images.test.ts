import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import Docker from "dockerode";
import { pack } from "tar-stream";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { BASE_LABEL, IMAGE_ROLE, removeImages } from "../../tasks/notebook-image/images";
import { execa } from "./deployment";

const root = join(__dirname, "..", "..");

/** Whose image it is, and who uses it, decides what is removed. The images have one small file and no program. */
describe("removal of notebook images, on a real Docker Engine", function () {
  this.timeout(120_000);

  const docker = new Docker();
  const stack = `jh-e2e-${randomBytes(3).toString("hex")}`;
  const tags: string[] = [];
  const ids: string[] = [];
  const containers: string[] = [];

  /** Makes an image and gives its id. */
  async function image(tag: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const archive = pack();
    // Images of the same content would be one.
    archive.entry({ name: "name" }, `${tag}${randomBytes(8).toString("hex")}`);
    archive.finalize();
    const [repo = "", version = ""] = tag.split(":");
    const changes = Object.entries(labels).map(([key, value]) => `LABEL ${key}="${value}"`);
    const stream = await docker.importImage(archive, { repo, tag: version, changes });
    stream.resume();
    await finished(stream);
    tags.push(tag);
    const { Id } = await docker.getImage(tag).inspect();
    ids.push(Id);
    return Id;
  }
  const notebook = (tag: string, base: string, owner = stack) =>
    image(tag, { [STACK_LABEL]: owner, [ROLE_LABEL]: IMAGE_ROLE, [BASE_LABEL]: base });
  async function use(id: string): Promise<Docker.Container> {
    const container = await docker.createContainer({ Image: id, Cmd: ["none"] });
    containers.push(container.id);
    return container;
  }
  const isThere = (name: string): Promise<boolean> =>
    docker
      .getImage(name)
      .inspect()
      .then(
        () => true,
        () => false,
      );

  afterEach(async () => {
    for (const id of containers.splice(0)) {
      await docker.getContainer(id).remove({ force: true });
    }
    for (const name of [...tags.splice(0), ...ids.splice(0)]) {
      await docker
        .getImage(name)
        .remove()
        .catch(() => undefined);
    }
  });

  it("takes old ones and what they were built on, and keeps the current one and what that was built on", async () => {
    const [oldBase, base] = [
      await image(`${stack}-notebook-r:source`),
      await image(`${stack}-notebook:source`),
    ];
    const old = await notebook(`${stack}-notebook-r:current`, oldBase);
    const current = await notebook(`${stack}-notebook:current`, base);
    assert.equal(await removeImages(docker, stack, [current]), 2);
    assert.deepEqual(await Promise.all([old, oldBase, current, base].map(isThere)), [
      false,
      false,
      true,
      true,
    ]);
  });

  it("keeps a base that the state still has: an old image was built on what others are built on now", async () => {
    const shared = await image(`${stack}-notebook:default`);
    const old = await notebook(`${stack}-notebook-r:current`, shared);
    const packages = await image(`${stack}-notebook:source`);
    const current = await notebook(`${stack}-notebook:current`, packages);
    assert.equal(await removeImages(docker, stack, [current, packages, shared]), 1);
    assert.deepEqual(await Promise.all([old, shared, current].map(isThere)), [false, true, true]);
  });

  it("leaves one that a container uses, until it is gone", async () => {
    const old = await notebook(`${stack}-notebook:current`, "");
    const container = await use(old);
    assert.equal(await removeImages(docker, stack, []), 0);
    assert.ok(await isThere(old));
    await container.remove();
    containers.pop();
    assert.equal(await removeImages(docker, stack, []), 1);
  });

  it("leaves images of other stacks, and a base that has another's name too", async () => {
    const base = await image(`${stack}-notebook:source`);
    await docker.getImage(base).tag({ repo: `other-${stack}`, tag: "1" });
    tags.push(`other-${stack}:1`);
    const other = await notebook(`${stack}x-notebook:current`, base, `${stack}x`);
    const own = await notebook(`${stack}-notebook:current`, base);
    assert.equal(await removeImages(docker, stack, []), 1);
    assert.deepEqual(await Promise.all([base, other, own].map(isThere)), [true, true, false]);
  });

  describe("a pulled image", () => {
    const run = async (task: string, name: string, before?: string): Promise<string> => {
      const environment = before === undefined ? {} : { PULUMI_COMMAND_STDOUT: before };
      const args = ["tasks/run.cjs", "pulled-image", task];
      const { stdout } = await execa("node", args, { cwd: root, env: { IMAGE: name, ...environment } });
      return stdout;
    };

    it("is removed when it was not there before the stack, and nobody uses it", async () => {
      const name = `${stack}-pulled:1`;
      assert.equal(await run("look", name), "absent");
      const id = await image(name);
      // Looking again later does not make it somebody else's.
      assert.equal(await run("look", name, "absent"), "absent");
      const container = await use(id);
      await run("remove", name, "absent");
      assert.ok(await isThere(id));
      await container.remove();
      containers.pop();
      await run("remove", name, "absent");
      assert.ok(!(await isThere(id)));
      await run("remove", name, "absent");
    });

    it("stays when it was there before", async () => {
      const name = `${stack}-pulled:1`;
      const id = await image(name);
      assert.equal(await run("look", name), "present");
      await run("remove", name, "present");
      assert.ok(await isThere(id));
    });
  });
});
