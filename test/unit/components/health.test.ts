import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { answers, type Check, patient } from "../../../components/health";

describe("patient", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "health-"));
    mkdirSync(join(folder, "bin"));
    // It sleeps no time, and says that it would have.
    writeFileSync(join(folder, "bin/sleep"), `#!/bin/sh\necho "slept $1" >>${folder}/log\n`, { mode: 0o755 });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs the check as the engine would; the exit code, and what it slept meanwhile. */
  function run(check: Check): { readonly status: number | null; readonly slept: string[] } {
    const [kind, line] = patient(check);
    assert.equal(kind, "CMD-SHELL");
    writeFileSync(join(folder, "log"), "");
    const { status } = spawnSync(
      "/bin/sh",
      ["-c", (line ?? "").replaceAll("/dev/shm/healthy", join(folder, "mark"))],
      {
        env: { PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}` },
      },
    );
    return { status, slept: readFileSync(join(folder, "log"), "utf8").split("\n").filter(Boolean) };
  }

  it("tells the first success at once, and later ones after a minute of them", () => {
    const check = { command: ["true"], every: 20 };
    assert.deepEqual(run(check), { status: 0, slept: [] });
    assert.deepEqual(run(check), { status: 0, slept: ["slept 20", "slept 20"] });
    assert.deepEqual(run({ command: ["true"] }).slept, Array<string>(11).fill("slept 5"));
  });

  it("tells a failure at once, and the success after it too", () => {
    const file = join(folder, "well");
    const check = { command: ["test", "-e", file], every: 20 };
    assert.deepEqual(run(check), { status: 1, slept: [] });
    writeFileSync(file, "");
    assert.deepEqual(run(check), { status: 0, slept: [] });
    rmSync(file);
    assert.deepEqual(run(check), { status: 1, slept: [] });
    writeFileSync(file, "");
    assert.deepEqual(run(check), { status: 0, slept: [] });
  });

  it("tells a failure in the middle of its minute", () => {
    const file = join(folder, "well");
    writeFileSync(file, "");
    const check = { command: `test -e ${file}`, every: 20 };
    run(check);
    writeFileSync(join(folder, "bin/sleep"), `#!/bin/sh\nrm ${file}; echo "slept $1" >>${folder}/log\n`);
    assert.deepEqual(run(check), { status: 1, slept: ["slept 20"] });
  });

  it("gives a command's words as they are", () => {
    const file = join(folder, 'it\'s $(here); "so"');
    writeFileSync(file, "");
    assert.equal(run({ command: ["test", "-e", file] }).status, 0);
  });
});

describe("answers", () => {
  it("asks for a path and a status", () => {
    assert.deepEqual(answers(8081, "/hub/health"), { command: ["answers", "8081", "/hub/health", "200"] });
    assert.deepEqual(answers(3128, "http://health/", 407).command, [
      "answers",
      "3128",
      "http://health/",
      "407",
    ]);
  });
});
