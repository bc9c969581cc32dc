import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");

/** Node.js 22 has such a cache of its own; this one works there, too. */
describe("setup/compile-cache.cjs", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "compile-cache-"));
    writeFileSync(
      join(folder, "common.js"),
      "exports.answer = () => 42; exports.main = require.main === module;",
    );
    writeFileSync(join(folder, "esm.mjs"), "export const one = 1;");
    writeFileSync(join(folder, "broken.cjs"), "exports.a = 1;\nthis is no JavaScript");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const cache = () => join(folder, "cache");
  const blobs = () =>
    readdirSync(cache(), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const run = (script: string): string => {
    writeFileSync(join(folder, "main.cjs"), script);
    const enable = `require(${JSON.stringify(join(ROOT, "setup/compile-cache.cjs"))}).enable(${JSON.stringify(cache())});`;
    writeFileSync(join(folder, "enable.cjs"), enable);
    return execFileSync(process.execPath, ["--require", "./enable.cjs", "main.cjs"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  };

  it("runs modules as they are, keeps what was compiled, and takes it the next time", () => {
    const script = `#!/usr/bin/env node
      const { answer, main } = require("./common.js");
      import("./esm.mjs").then(({ one }) => {
        console.log(answer(), main, require.main === module, one, __filename === require.resolve("./main.cjs"));
      });`;
    // One that imports is not kept.
    assert.equal(run(script), "42 false true 1 true\n");
    const kept = blobs().map(({ name }) => name);
    assert.equal(kept.length, 1);
    assert.equal(run(script), "42 false true 1 true\n");
    assert.deepEqual(
      blobs().map(({ name }) => name),
      kept,
    );
  });

  it("compiles a module again when it is another, or what was kept is broken", () => {
    run("console.log(1)");
    for (const { parentPath, name } of blobs()) {
      writeFileSync(join(parentPath, name), "nothing");
    }
    assert.equal(run("console.log(1)"), "1\n");
    assert.equal(run("console.log(2)"), "2\n");
  });

  it("leaves errors of modules to Node.js", () => {
    assert.throws(() => run(`require("./broken.cjs")`), /broken\.cjs:2\n[^]*SyntaxError/);
    assert.throws(() => run("\n\nthrow new Error('here')"), /main\.cjs:3[^]*Error: here/);
  });
});

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

  it("has the SDK connect to no debugger, which hears of every script, and load nothing for traces", () => {
    const script = `
      const { isInitializedAsync } = require("@pulumi/pulumi/runtime/closure/v8Hooks");
      require("@pulumi/pulumi/cmd/run/tracing");
      const loaded = (part) => Object.keys(require.cache).some((file) => file.includes(part));
      console.log(typeof isInitializedAsync, loaded("sdk-trace-node"), loaded("exporter-zipkin"));`;
    const args = ["--require", "./setup/register.cjs", "-e", script];
    const shown = execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    assert.equal(shown, "function false false\n");
  });

  it("leaves the stacks to whoever looks for promises that never end", () => {
    assert.match(noted({ PULUMI_DEBUG_PROMISE_LEAKS: "1" }), /^Error\n +at .*debuggablePromise/);
  });
});
