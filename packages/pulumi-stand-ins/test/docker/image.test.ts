import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { diffImage } from "../../docker/image";
import { contextDigest } from "../../docker/image/context";
import { dockerProvider } from "../../docker/provider";
import type { Props } from "../../lib/serve";

describe("stand-in docker plugin: Image", () => {
  const start = process.cwd();
  let directory: string;

  const write = (name: string, content: string, mode = 0o644): void => {
    mkdirSync(dirname(join("ctx", name)), { recursive: true });
    writeFileSync(join("ctx", name), content);
    chmodSync(join("ctx", name), mode);
  };

  const check = async (news: Props): Promise<Props> => {
    const resource = dockerProvider().resources["docker:index/image:Image"];
    assert.ok(resource);
    const { inputs } = await resource.check({ urn: "urn:pulumi:dev::p::docker:index/image:Image::i", news });
    return inputs;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "docker-image-"));
    process.chdir(directory);
    write("Dockerfile", "FROM scratch\n");
    write("a.txt", "hello\n");
    write("sub/run.sh", "#!/bin/sh\n", 0o755);
    write("ignored.log", "no\n");
    write("sub/ignored.log", "no\n");
    write("sub/keep.log", "keep\n");
    write(".dockerignore", "# comment\n**/*.log\n!sub/keep.log\n");
    write("sub.d/x", "x");
    write("sub-y", "y");
    symlinkSync("a.txt", "ctx/link");
  });
  afterEach(() => {
    process.chdir(start);
    rmSync(directory, { recursive: true });
  });

  it("makes the digest of a context that the real plugin makes", async () => {
    // What pulumi-resource-docker 5.2.0 answered for this very context.
    assert.equal(
      await contextDigest("./ctx", "ctx/Dockerfile"),
      "cb8d550cd8b071267e03178bb4cc435f9e5d41f1c402d9dfec67122bdf9b5b1c",
    );
  });

  it("changes the digest with content and mode, and not with ignored files", async () => {
    const digest = (): Promise<string> => contextDigest("ctx", "ctx/Dockerfile");
    const before = await digest();
    write("sub/ignored.log", "something else\n");
    assert.equal(await digest(), before);
    chmodSync("ctx/a.txt", 0o755);
    const withMode = await digest();
    assert.notEqual(withMode, before);
    write("a.txt", "hello!\n", 0o755);
    assert.notEqual(await digest(), withMode);
  });

  it("fills in the Dockerfile and the platform", async () => {
    const inputs = await check({ imageName: "x:1", skipPush: true, build: { context: "ctx" } });
    const build = inputs.build as Props;
    assert.equal(build.dockerfile, "ctx/Dockerfile");
    assert.match(build.platform as string, /^linux\//);
    assert.equal(inputs.buildOnPreview, false);
  });

  it("says which path a Dockerfile should have had", async () => {
    await assert.rejects(
      check({ imageName: "x:1", skipPush: true, build: { context: "ctx", dockerfile: "Dockerfile" } }),
      {
        message:
          'could not open dockerfile at relative path "Dockerfile". Try setting `dockerfile` to "ctx/Dockerfile"',
      },
    );
  });

  it("wants a name with a registry for what is pushed", async () => {
    await assert.rejects(check({ imageName: "x:1", build: { context: "ctx" } }), /must be canonical/);
    await check({ imageName: "localhost:5000/x:1", build: { context: "ctx" } });
  });

  it("rebuilds for a changed argument and not for other registry credentials", () => {
    const inputs = {
      imageName: "x:1",
      build: { args: { V: "1" } },
      registry: { server: "r", password: "a" },
    };
    assert.deepEqual(diffImage(inputs, { ...inputs, registry: { server: "r", password: "b" } }), {
      changes: "DIFF_NONE",
    });
    assert.deepEqual(diffImage(inputs, { ...inputs, build: { args: { V: "2" } } }), {
      changes: "DIFF_SOME",
      detailedDiff: { build: { kind: "UPDATE" } },
    });
  });
});
