import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { putInPlace } from "../../../setup/put-in-place";

describe("putting a folder where its place is", () => {
  const folder = mkdtempSync(join(tmpdir(), "place-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("leaves what a faster run has put there, and nothing of its own", () => {
    const place = join(folder, "place");
    for (const name of ["first", "second"]) {
      const made = join(folder, name);
      mkdirSync(made);
      writeFileSync(join(made, "by"), name);
      putInPlace(made, place);
    }
    assert.equal(readFileSync(join(place, "by"), "utf8"), "first");
    assert.deepEqual(readdirSync(folder), ["place"]);
  });

  it("does not hide another error", () => {
    assert.throws(() => {
      putInPlace(join(folder, "nothing"), join(folder, "elsewhere"));
    }, /ENOENT/);
  });
});
