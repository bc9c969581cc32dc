import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");

describe("setup/register.cjs", () => {
  /** What the SDK notes of where a promise was made. */
  const noted = (env: Readonly<Record<string, string>>): string => {
    const script = `
      require("@pulumi/pulumi");
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
      const promise = Promise.resolve();
      void debuggablePromise(promise, "");
      console.log(promise._debugStackTrace, new Error("after").stack);`;
    const args = ["--require", "./setup/register.cjs", "-e", script];
    return execFileSync(process.execPath, args, {
      cwd: ROOT,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
    });
  };

  it("has Pulumi's SDK look for no stack at each promise, and takes it from no other error", () => {
    assert.match(noted({}), /^Error Error: after\n +at /);
  });

  it("leaves the stacks to whoever looks for promises that never end", () => {
    assert.match(noted({ PULUMI_DEBUG_PROMISE_LEAKS: "1" }), /^Error\n +at .*debuggablePromise/);
  });
});
