import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chooseCli, compareVersions, places } from "../../../setup/cli";
import { isRecentGo } from "../../../setup/fallback/cli/build";
import { machine } from "./machine";

describe("the Pulumi command line", () => {
  it("compares versions by number", () => {
    assert.equal(compareVersions("3.99.0", "3.180.0"), -1);
    assert.equal(compareVersions("v3.259.0", "3.259.0"), 0);
    assert.equal(compareVersions("3.260.0-dev.1+abc", "3.259.9"), 1);
  });

  it("is the first that is new enough or does not know its version", () => {
    const old = { path: "/old", version: "3.100.0" };
    const own = { path: "/own", version: "" };
    const recent = { path: "/new", version: "3.259.0" };
    assert.equal(chooseCli([old, recent, own]), recent);
    assert.equal(chooseCli([old, own]), own);
    assert.equal(chooseCli([old]), undefined);
    assert.equal(chooseCli([]), undefined);
  });

  it("is looked for on PATH, then where it gets installed, and is never the pulumi of ./up --env", () => {
    const root = mkdtempSync(join(tmpdir(), "setup-test-"));
    try {
      const folders = ["checkout/.state/bin", "usr/bin", "home/.pulumi/bin", "cache/bin"];
      for (const folder of folders) {
        mkdirSync(join(root, folder), { recursive: true });
        writeFileSync(join(root, folder, "pulumi"), "");
      }
      const env = { PATH: `${root}/checkout/.state/bin:${root}/usr/bin` };
      const here = machine({ home: join(root, "home"), cache: join(root, "cache"), env });
      assert.deepEqual(
        places(here),
        ["usr/bin", "home/.pulumi/bin", "cache/bin"].map((folder) => join(root, folder, "pulumi")),
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("is built by a toolchain that go.mod accepts", () => {
    assert.equal(isRecentGo("go version go1.26.8 linux/amd64"), true);
    assert.equal(isRecentGo("go version go1.25.11 linux/arm64"), true);
    assert.equal(isRecentGo("go version go1.25.10 linux/amd64"), false);
    assert.equal(isRecentGo("go version go1.19.8 linux/amd64"), false);
    assert.equal(isRecentGo("go version go2.0 linux/amd64"), true);
    assert.equal(isRecentGo("command not found"), false);
  });
});
