/**
 * Makes, reads, changes and removes what the recorded single-host program has, on a real Docker Engine, and compares the
 * answers with the real plugin's: every property, its type, and its value where no machine made it.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dockerProvider } from "../../docker/provider";
import { InitError, type Log, type Props, type ResourceDefinition } from "../../lib/serve";
import { type Recorded, recorded } from "../docker/recorded";

const IMAGE = "debian:trixie-slim";
const signal = new AbortController().signal;

describe("stand-in docker plugin: on a real engine", function () {
  this.timeout(180_000);

  const mark = `dt${process.pid.toString(36)}`;
  const messages: string[] = [];
  const log: Log = {
    info: (message) => messages.push(message),
    warn: (message) => messages.push(message),
    error: (message) => messages.push(message),
    status: (message) => messages.push(message),
  };
  const provider = dockerProvider();
  const made = new Map<string, { id: string; inputs: Props; outputs: Props; resource: ResourceDefinition }>();
  const calls = recorded("single-host");
  const start = process.cwd();
  const directory = mkdtempSync(join(tmpdir(), "docker-engine-"));

  const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

  const call = (step: string, method: Recorded["method"], name: string): Recorded => {
    const found = calls.find(
      (one) => one.step === step && one.method === method && nameOf(one.request.urn) === name,
    );
    assert.ok(found, `${step} ${method} ${name} is not recorded`);
    return found;
  };

  /** Own names, addresses and ports, so that nothing on the machine is in the way. */
  const own = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/"(nb|pub|jh-d|ctr2?)"/g, (_all, name: string) => JSON.stringify(`${mark}-${name}`))
        .replaceAll("br-nb", `br-${mark}`)
        .replaceAll("172.28.", "10.247.")
        .replaceAll("18080", "28080")
        .replaceAll("base:trixie", IMAGE),
    ) as T;

  const resourceOf = (type: string): ResourceDefinition => {
    const resource = provider.resources[type];
    assert.ok(resource);
    return resource;
  };

  const create = async (name: string, changes: Props = {}): Promise<Props> => {
    const { request } = call("2-up", "Create", name);
    const inputs = { ...own(request.properties as Props), ...changes };
    const resource = resourceOf(request.type);
    const { id, outputs } = await resource.create({ urn: request.urn, inputs, preview: false, log, signal });
    made.set(name, { id, inputs, outputs, resource });
    return outputs;
  };

  before(async () => {
    process.chdir(directory);
    mkdirSync("ctx");
    await provider.configure({});
  });

  after(async () => {
    for (const name of ["c2", "c", "d", "ri", "nb", "pub"]) {
      const one = made.get(name);
      await one?.resource.delete({ id: one.id, urn: "", state: one.outputs, log, signal });
      if (one !== undefined && name !== "ri") {
        assert.equal(
          await one.resource.read({ id: one.id, urn: "", state: one.outputs }),
          undefined,
          `${name} is gone`,
        );
      }
    }
    process.chdir(start);
    rmSync(directory, { recursive: true });
  });

  for (const name of ["nb", "pub", "d", "ri"]) {
    it(`creates ${name} as recorded`, async () => {
      assertAlike(await create(name), own(call("2-up", "Create", name).response.properties as Props));
    });
  }

  it("creates a healthy container on two networks as recorded", async () => {
    const outputs = await create("c", { image: made.get("ri")?.outputs.imageId });
    assertAlike(outputs, own(call("2-up", "Create", "c").response.properties as Props));
    assert.ok(messages.some((message) => message.includes("waiting until it is healthy")));
  });

  it("creates a plain container as recorded", async () => {
    const outputs = await create("c2", { image: made.get("ri")?.outputs.imageId });
    assertAlike(outputs, own(call("2-up", "Create", "c2").response.properties as Props));
  });

  for (const name of ["nb", "pub", "d", "ri", "c", "c2"]) {
    it(`reads ${name} as recorded, without a change`, async () => {
      const one = made.get(name);
      assert.ok(one);
      const found = await one.resource.read({ id: one.id, urn: "", inputs: one.inputs, state: one.outputs });
      assert.ok(found);
      assertAlike(found.state, own(call("4-refresh", "Read", name).response.properties as Props));
      assert.deepEqual(found.inputs, one.inputs);
      const { changes } = await one.resource.diff({
        id: one.id,
        urn: "",
        olds: found.state,
        oldInputs: found.inputs,
        news: one.inputs,
        ignoreChanges: [],
      });
      assert.equal(changes, "DIFF_NONE");
    });
  }

  it("imports a network and a volume by their id alone", async () => {
    for (const name of ["nb", "d"]) {
      const one = made.get(name);
      assert.ok(one);
      const found = await one.resource.read({ id: one.id, urn: "" });
      assert.equal(found?.inputs.name, one.inputs.name);
      const { changes } = await one.resource.diff({
        id: one.id,
        urn: "",
        olds: found?.state ?? {},
        oldInputs: found?.inputs ?? {},
        news: one.inputs,
        ignoreChanges: [],
      });
      assert.equal(changes, "DIFF_NONE", name);
    }
  });

  it("tells a stopped container, and starts it again", async () => {
    const one = made.get("c2");
    assert.ok(one);
    const { default: Docker } = await import("dockerode");
    const container = new Docker().getContainer(one.id);
    await container.stop({ t: 0 });
    const found = await one.resource.read({ id: one.id, urn: "", inputs: one.inputs, state: one.outputs });
    assert.ok(found);
    assert.equal(found.state.mustRun, false);
    const request = { id: one.id, urn: "", olds: found.state, oldInputs: found.inputs, news: one.inputs };
    const { detailedDiff, replaces } = await one.resource.diff({ ...request, ignoreChanges: [] });
    assert.deepEqual(detailedDiff, { mustRun: { kind: "UPDATE" } });
    assert.equal(replaces, undefined);
    await one.resource.update({ ...request, preview: false, log, signal });
    assert.equal((await container.inspect()).State.Running, true);
  });

  it("changes the memory of a running container in place", async () => {
    const one = made.get("c2");
    assert.ok(one);
    const news = { ...one.inputs, memory: 128, memorySwap: 128 };
    const request = { id: one.id, urn: "", olds: one.outputs, oldInputs: one.inputs, news };
    const { detailedDiff } = await one.resource.diff({ ...request, ignoreChanges: [] });
    assert.deepEqual(Object.keys(detailedDiff ?? {}), ["memory", "memorySwap"]);
    await one.resource.update({ ...request, preview: false, log, signal });
    const found = await one.resource.read({ id: one.id, urn: "", state: one.outputs });
    assert.equal(found?.state.memory, 128);
  });

  it("keeps a container that does not become healthy, says why, and replaces it next time", async () => {
    const type = "docker:index/container:Container";
    const resource = resourceOf(type);
    const { inputs } = await resource.check({
      urn: `urn:pulumi:dev::p::${type}::sick`,
      news: {
        name: `${mark}-sick`,
        image: IMAGE,
        command: ["sh", "-c", "echo out of order; exec sleep 100"],
        healthcheck: { tests: ["CMD-SHELL", "echo nobody home; false"], interval: "1s", retries: 1 },
        wait: true,
        waitTimeout: 3,
      },
    });
    const request = { urn: `urn:pulumi:dev::p::${type}::sick`, inputs, preview: false, log, signal };
    const error: unknown = await resource.create(request).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof InitError);
    try {
      assert.match(error.message, /failed to be in healthy state.*unhealthy/);
      assert.match(error.message, /nobody home/);
      // Logs may hold anything: ./up shows them, without the secrets.
      assert.doesNotMatch(error.message, /out of order/);
      const { replaces, deleteBeforeReplace } = await resource.diff({
        id: error.id,
        urn: "",
        olds: error.outputs,
        oldInputs: inputs,
        news: inputs,
        ignoreChanges: [],
      });
      assert.ok((replaces ?? []).length > 0);
      assert.equal(deleteBeforeReplace, true);
    } finally {
      await resource.delete({ id: error.id, urn: "", state: error.outputs, log, signal });
    }
  });

  it("builds an image, shows progress, and tells the last lines of a build that fails", async () => {
    const resource = resourceOf("docker:index/image:Image");
    const urn = "urn:pulumi:dev::p::docker:index/image:Image::i";
    const build = async (dockerfile: string): Promise<Props> => {
      writeFileSync("ctx/Dockerfile", dockerfile);
      const news = {
        imageName: `${mark}-image:1`,
        skipPush: true,
        build: { context: "ctx", args: { V: "one" } },
      };
      const { inputs } = await resource.check({ urn, news });
      const { outputs } = await resource.create({ urn, inputs, preview: false, log, signal });
      return outputs;
    };
    const { default: Docker } = await import("dockerode");
    messages.length = 0;
    const outputs = await build(`FROM ${IMAGE}\nARG V\nRUN echo built with $V ${mark}\n`);
    try {
      assert.match(outputs.repoDigest as string, /^sha256:[0-9a-f]{64}$/);
      assert.equal(outputs.dockerfile, "Dockerfile");
      assert.ok(messages.includes(`built with one ${mark}`), messages.join("\n"));
      await assert.rejects(
        build(`FROM ${IMAGE}\nRUN echo the last words of ${mark}; exit 3\n`),
        (error: Error) =>
          error.message.includes("does not build") && error.message.includes(`the last words of ${mark}`),
      );
    } finally {
      await new Docker().getImage(`${mark}-image:1`).remove();
    }
  });

  it("says in one line that no engine answers", async () => {
    await assert.rejects(
      dockerProvider().configure({ host: "unix:///nonexistent/docker.sock" }),
      /^Error: cannot reach the Docker Engine at unix:\/\/\/nonexistent\/docker.sock: there is no such socket/,
    );
  });
});

/** Values that a machine makes, by property. */
const MADE = new Set([
  "id",
  "imageId",
  "image",
  "hostname",
  "macAddress",
  "ipAddress",
  "gateway",
  "subnet",
  "mountpoint",
  "ipPrefixLength",
]);

/** Same properties, same types, and same values but for those that a machine makes. */
function assertAlike(actual: Props, expected: Props): void {
  // The recordings are kept without the bridge's notes.
  assert.deepEqual(masked({ ...actual, __meta: undefined }), masked({ ...expected, __meta: undefined }));
}

function masked(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => masked(item, key));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]));
  }
  return MADE.has(key) ? typeof value : value;
}
