import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { CALLED_FROM, fromShell, program, shellWord } from "../../../config/commands";

const ROOT = resolve(__dirname, "../../..");

describe("a command for the shell that the person is looking at", () => {
  it("is ./hub in the checkout, whatever its path is there, and a path elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "commands-"));
    try {
      symlinkSync(ROOT, join(folder, "link"));
      for (const here of [undefined, ROOT, join(folder, "link")]) {
        assert.equal(program("hub", { [CALLED_FROM]: here }), "./hub");
        assert.equal(fromShell("Pulumi.dev.yaml", { [CALLED_FROM]: here }), "Pulumi.dev.yaml");
      }
      for (const elsewhere of [folder, join(folder, "gone"), join(ROOT, "docs")]) {
        assert.equal(program("up", { [CALLED_FROM]: elsewhere }), shellWord(`${ROOT}/up`));
        assert.equal(fromShell("up", { [CALLED_FROM]: elsewhere }), shellWord(`${ROOT}/up`));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has words that no shell changes", () => {
    assert.equal(shellWord("a/b.c:d@e%f+g=h,i-j"), "a/b.c:d@e%f+g=h,i-j");
    assert.equal(shellWord("=ls"), "'=ls'");
    assert.equal(shellWord("it's $HOME!"), `'it'\\''s $HOME!'`);
    assert.equal(shellWord(""), "''");
  });
});
