import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { Registry } from "./registry";

const artifacts = join(__dirname, "artifacts");

describe("a notebook image from a registry, by digest, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(600_000);

  let registry: Registry;
  let deployment: Deployment;
  let alice: HubClient;
  /** Names by digest: what the registry has. */
  let first: string;
  let second: string;

  /** Of a profile that nobody uses, and of Traefik: this stack's alone, so that others keep theirs. */
  let ofProfile: string;
  let ofTraefik: string;

  const pull = (name: string) => ({
    notebook: {
      image: { kind: "pull", name },
      limits: { memory: "512m" },
      profiles: [
        { name: "Usual", default: true },
        { name: "Other", image: { kind: "pull", name: ofProfile } },
      ],
    },
    proxy: { image: ofTraefik },
    // A busy machine takes its time.
    servers: { startTimeout: "4m", httpTimeout: "4m" },
  });
  const isThere = (image: string): Promise<boolean> =>
    deployment.docker
      .getImage(image)
      .inspect()
      .then(
        () => true,
        () => false,
      );
  /** What the image of alice's server is called by the test, and its id. The stack puts a layer of its own on top. */
  const imageOfServer = async () => {
    const { Image } = await deployment.docker.getContainer(`${deployment.name}-user-alice`).inspect();
    const { Config } = await deployment.docker.getImage(Image).inspect();
    return { id: Image, label: Config.Labels["test"] };
  };

  /** Builds an image on top of one that the engine has, pushes it, and leaves no name of it here. */
  async function derived(from: string, label: string): Promise<string> {
    const folder = join(deployment.folder, label);
    await mkdir(folder);
    await writeFile(join(folder, "Dockerfile"), `FROM ${from}\nLABEL test=${label}\n`);
    const tag = `${deployment.name}-${label}:1`;
    await execa("docker", ["build", "-q", "-t", tag, folder]);
    const name = await registry.push(deployment.docker, tag);
    await deployment.docker.getImage(tag).remove();
    return name;
  }

  before(async () => {
    registry = await Registry.start();
    deployment = await Deployment.create();
    await deployment.up();
    const built = `${deployment.name}-notebook:current`;
    first = await derived(built, "first");
    second = await derived(built, "second");
    ofProfile = await derived(built, "profile");
    const proxy = await deployment.docker.getContainer(`${deployment.name}-proxy`).inspect();
    ofTraefik = await derived(proxy.Image, "traefik");
    await deployment.configure(pull(first));
    await deployment.up();
    alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
    assert.ok(await alice.login(await deployment.output("userPassword")));
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });

  after(async () => {
    await (alice as HubClient | undefined)?.close();
    await (deployment as Deployment | undefined)?.remove();
    await (registry as Registry | undefined)?.stop();
  });

  it("is there before the hub offers it, and servers start from it", async () => {
    assert.ok(await isThere(first));
    await alice.startServer(240_000);
    assert.equal((await imageOfServer()).label, "first");
  });

  it("has nothing to do on a second up, nor after a refresh", async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["up", "--yes", "--expect-no-changes"]);
  });

  it("is built or pulled again where it was removed or renamed by hand, as Traefik's is", async () => {
    const named = (role: string) => `${deployment.name}-${role}`;
    const server = await deployment.containerId("user-alice");
    const other = `${named("notebook")}-other:current`;
    await execa("docker", ["rm", "-f", named("proxy"), named("proxy-settings")]);
    await execa("docker", ["tag", `${named("hub")}:current`, other]);
    await execa("docker", ["rmi", "-f", ofTraefik, ofProfile]);
    assert.equal(await isThere(ofTraefik), false);

    const { output } = await deployment.up(["--preview"]);
    for (const told of [
      `image ${ofTraefik}: it is gone. It will be pulled again.`,
      `image ${ofProfile}: it is gone. It will be pulled again.`,
      `image ${other}: another image has its name (`,
      `container ${named("proxy")}: it is gone. It will be recreated.`,
    ]) {
      assert.ok(output.includes(`warning: ${told}`), `${told}\n${output}`);
    }
    await deployment.up();
    assert.ok((await isThere(ofTraefik)) && (await isThere(ofProfile)));
    assert.ok((await deployment.docker.getImage(other).inspect()).Config.Labels["test"] === "profile");
    assert.equal(await deployment.containerId("user-alice"), server, "alice's server was stopped");
    await deployment.up(["--expect-no-changes"]);
  });

  it("is replaced by a new one at the next start, kept for ./hub rollback, and removed when that is forgotten", async () => {
    const old = await imageOfServer();
    await deployment.configure(pull(second));
    await deployment.up();
    assert.deepEqual(await imageOfServer(), old);
    await alice.stopServer();
    await alice.startServer(240_000);
    assert.equal((await imageOfServer()).label, "second");
    assert.ok(await isThere(old.id), "./hub rollback would start no servers");
    await deployment.hub(["rollback", "--forget"]);
    assert.ok(!(await isThere(old.id)), "the old image stays for ever");
    assert.ok(await isThere(second));
  });

  it("starts servers and replaces nothing while the registry cannot be reached", async () => {
    await registry.stop();
    await alice.stopServer();
    await alice.startServer(240_000);
    const hub = await deployment.containerId("hub");
    const unknown = second.replace(/[0-9a-f]{64}$/, "0".repeat(64));
    await deployment.configure(pull(unknown));
    const { code, output } = await deployment.up([], { ok: false });
    assert.notEqual(code, 0);
    assert.ok(output.includes(unknown), output);
    assert.equal(await deployment.containerId("hub"), hub);
    assert.equal((await alice.api("user/alice/api/status")).status, 200);
    await deployment.configure(pull(second));
    await deployment.up();
    assert.equal(await deployment.containerId("hub"), hub);
  });

  it("goes with the stack", async () => {
    await deployment.up(["--destroy"]);
    assert.ok(!(await isThere(second)));
  });
});
