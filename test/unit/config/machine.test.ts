import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { machine, pythonProblem } from "../../../config/machine";

describe("Python on this machine", () => {
  it("finds a syntax error and its line", () => {
    assert.match(pythonProblem("a = 1\nif True print(1)\n") ?? "", /^line 2: /);
  });
  it("finds nothing wrong with what is right, and runs none of it", () => {
    assert.equal(pythonProblem("raise SystemExit(3)\n"), undefined);
  });
});

describe("folders on this machine", () => {
  it("are listed with the files below them, links followed", () => {
    const folder = mkdtempSync(join(tmpdir(), "jupyterhub-folder-"));
    try {
      mkdirSync(join(folder, "b"));
      writeFileSync(join(folder, "b", "c.css"), "");
      writeFileSync(join(folder, "a.html"), "");
      symlinkSync("a.html", join(folder, "link.html"));
      assert.deepEqual(machine.listFolder(folder), ["a.html", "b/c.css", "link.html"]);
      assert.throws(() => machine.listFolder(join(folder, "no")), { code: "ENOENT" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
