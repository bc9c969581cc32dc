import assert from "node:assert/strict";
import { isRecentGo } from "../../../offline/cli/build";
import { chooseCli, compareVersions } from "../../../setup/cli";

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

  it("is built by a toolchain that go.mod accepts", () => {
    assert.equal(isRecentGo("go version go1.26.8 linux/amd64"), true);
    assert.equal(isRecentGo("go version go1.25.11 linux/arm64"), true);
    assert.equal(isRecentGo("go version go1.25.10 linux/amd64"), false);
    assert.equal(isRecentGo("go version go1.19.8 linux/amd64"), false);
    assert.equal(isRecentGo("go version go2.0 linux/amd64"), true);
    assert.equal(isRecentGo("command not found"), false);
  });
});
