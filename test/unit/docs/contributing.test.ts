import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { read } from "./named-tests";

const ROOT = join(__dirname, "../../..");
const ROWS = read("CONTRIBUTING.md")
  .split("## The map")[1]
  ?.split("\n## ")[0]
  ?.split("\n")
  .filter((line) => line.startsWith("| `"));
const NAMED = (ROWS ?? []).flatMap((row) =>
  [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
);

describe("the map in CONTRIBUTING.md", () => {
  it("names every folder at the top, and nothing that is not there", () => {
    const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const folders = new Set([...tracked.matchAll(/^([^./][^/\n]*)\//gm)].map(([, folder = ""]) => folder));
    assert.ok(folders.size > 10, `${folders.size} folders`);
    assert.deepEqual(
      [...folders].filter((folder) => !NAMED.some((name) => name.startsWith(`${folder}/`))),
      ["docs"],
    );
    assert.deepEqual(
      NAMED.filter((name) => !existsSync(join(ROOT, name))),
      [],
    );
  });
});
