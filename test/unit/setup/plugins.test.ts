import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { describePlugins, findRealPlugins, ownPulumiHome, requiredPlugins } from "../../../setup/plugins";
import { machine } from "./machine";

describe("Pulumi plugins", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "setup-test-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function put(path: string, text = ""): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return file;
  }
  const docker = { name: "docker", version: "5.2.0" };
  const random = { name: "random", version: "4.21.2" };

  it("are asked for in the versions of the npm packages", () => {
    const dependencies = { "@pulumi/random": "1", "@pulumi/docker": "1", "@pulumi/pulumi": "1", zod: "1" };
    put("package.json", JSON.stringify({ dependencies }));
    put(
      "node_modules/@pulumi/docker/package.json",
      '{"version":"5.2.0","pulumi":{"resource":true,"name":"docker"}}',
    );
    put(
      "node_modules/@pulumi/random/package.json",
      '{"version":"0.0.1","pulumi":{"name":"random","version":"v4.21.2"}}',
    );
    assert.deepEqual(requiredPlugins(root), [docker, random]);
  });

  it("are real when Pulumi installed them completely or PATH has them", () => {
    put("home/.pulumi/plugins/resource-docker-v5.2.0/pulumi-resource-docker");
    put("home/.pulumi/plugins/resource-random-v4.21.2/pulumi-resource-random");
    put("home/.pulumi/plugins/resource-random-v4.21.2.partial");
    const command = { name: "command", version: "1.2.1" };
    put("bin/pulumi-resource-command");
    put("bin/pulumi-language-nodejs");
    const here = machine({ home: join(root, "home"), env: { PATH: join(root, "bin") } });
    assert.deepEqual(findRealPlugins(here, [docker, random, command], undefined), {
      missing: [random],
      language: true,
    });
  });

  it("are not the stand-ins that an earlier ./up --env has put on PATH", () => {
    const cache = join(root, "cache");
    put("cache/bin/pulumi-language-nodejs");
    const path = put("cache/bin/pulumi");
    put("cache/bin/pulumi-resource-docker");
    put("cache/pulumi-home/plugins/resource-docker-v5.2.0/pulumi-resource-docker");
    const env = { PATH: join(cache, "bin"), PULUMI_HOME: join(cache, "pulumi-home") };
    const here = machine({ home: join(root, "home"), cache, env });
    assert.equal(ownPulumiHome(here), join(root, "home/.pulumi"));
    const found = findRealPlugins(here, [docker], { path, version: "3.259.0" });
    assert.deepEqual(found, { missing: [docker], language: false });
  });

  it("may come with the command line", () => {
    const path = put("opt/pulumi");
    put("opt/pulumi-language-nodejs");
    const here = machine({ home: root, env: { PATH: "" } });
    assert.equal(findRealPlugins(here, [], { path, version: "3.259.0" }).language, true);
  });

  it("are described in one line", () => {
    const required = [docker, random];
    assert.equal(
      describePlugins({ required, resources: "real", language: "real" }),
      "Plugins: docker 5.2.0, random 4.21.2",
    );
    assert.equal(
      describePlugins({ required, resources: "stand-in", language: "real" }),
      "Plugins: stand-in plugins for docker 5.2.0, random 4.21.2 (try again to install the real ones: ./up --retry-online)",
    );
    assert.match(
      describePlugins({ required, resources: "stand-in", language: "stand-in" }),
      /4\.21\.2 and the Node\.js language host \(/,
    );
    assert.match(describePlugins({ required, resources: "real", language: "stand-in" }), /; a stand-in for/);
  });
});
