import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

import programs from "../../../tasks/programs.json";

const root = join(__dirname, "../../..");
const load = createRequire(join(root, "tasks/main.ts"));

/** What a line of a `command.local.Command` comes to: with an engine that is not there. */
function run(line: string, env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", line], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], DOCKER_HOST: "tcp://127.0.0.1:9", IMAGE: "busybox", ...env },
  });
  return { stdout, stderr, status };
}

describe("tasks/run.cjs", () => {
  for (const [name, file] of Object.entries(programs)) {
    it(`${name} has a program`, () => {
      assert.equal(typeof (load(file) as { run?: unknown }).run, "function");
    });
  }

  it("names what there is when it is asked for something else", () => {
    const { stderr, status } = run("node tasks/run.cjs constructor");
    assert.equal(status, 2);
    assert.match(stderr, /^tasks\/run\.cjs: expected one of check-versions, .*, got constructor\n$/);
  });

  it("fails with the program's own sentence", () => {
    const { stdout, stderr, status } = run("node tasks/run.cjs remove-servers");
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^could not remove notebook servers: [^\n]*ECONNREFUSED[^\n]*\n$/);
  });

  describe("lines in states from before there was this entry", () => {
    for (const [old, now] of [
      ["spawner/remove-servers.ts", "remove-servers"],
      ["notebook-image/remove-images.ts", "remove-images"],
      ["notebook-image/pulled-image.ts remove", "pulled-image remove"],
    ] as const) {
      it(old, () => {
        const env = { PULUMI_COMMAND_STDOUT: "absent" };
        const result = run(`node --require ./setup/register.cjs components/${old}`, env);
        assert.deepEqual(result, run(`node tasks/run.cjs ${now}`, env));
        assert.equal(result.status, 1);
        assert.match(result.stderr, /ECONNREFUSED/);
      });
    }
  });

  describe("resolve-ref, when its line changed and it runs again", () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    // A repository that is not there: whoever asks it, fails.
    const env = { REPOSITORY: "/nowhere", REF: "main" };

    it("keeps the commit that it found before", () => {
      assert.deepEqual(run("node tasks/run.cjs resolve-ref", { ...env, PULUMI_COMMAND_STDOUT: commit }), {
        stdout: `${commit}\n`,
        stderr: "",
        status: 0,
      });
    });

    it("looks it up where there is none from before", () => {
      const { status, stderr } = run("node tasks/run.cjs resolve-ref", env);
      assert.equal(status, 1);
      assert.match(stderr, /could not be looked up: .*nowhere/s);
    });
  });
});
