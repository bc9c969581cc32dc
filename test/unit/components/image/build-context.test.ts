import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(__dirname, "..", "..", "..", "..");

/** Runs in a checkout's folder: contexts are relative to it. */
function settled(checkout: string, ...folders: string[]): string {
  const script = `const { buildContext } = require("./components/image/build-context");
    process.stdout.write(JSON.stringify(process.argv.slice(1).map(buildContext)));`;
  const register = createRequire(__filename).resolve("../../../../setup/register.cjs");
  return execFileSync(process.execPath, ["--require", register, "-e", script, ...folders], {
    cwd: checkout,
    encoding: "utf8",
  });
}

describe("build contexts", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "build context ü-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function clone(name: string, umask: string): string {
    const folder = join(root, name);
    mkdirSync(folder);
    for (const part of ["images", "components/image/build-context.ts"]) {
      cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
    }
    // As git does it: nothing of a mode is kept but whether the owner can run the file.
    execFileSync("chmod", ["-R", `a=,u=rwX,${umask}`, folder]);
    chmodSync(
      join(folder, "images/hub/bin/jupyterhub-on-docker"),
      umask === "go=" ? 0o700 : umask === "g=rX,o=" ? 0o750 : 0o755,
    );
    return folder;
  }
  /** What an image's digest is made of, beside the content: each path, its kind and its mode. */
  const entries = (checkout: string, image: string) =>
    execFileSync("find", [".", "-printf", "%P %y %m\n"], {
      cwd: join(checkout, "images", image),
      encoding: "utf8",
    })
      .split("\n")
      .sort();

  for (const [umask, rights] of [
    ["077", "go="],
    ["027", "g=rX,o="],
    ["002", "g=rwX,o=rX"],
  ] as const) {
    it(`of a checkout with umask ${umask} are those of one with 022: no image is made anew`, () => {
      const [usual, hardened] = [clone("usual", "go=rX"), clone("hardened", rights)];
      for (const checkout of [usual, hardened]) {
        settled(checkout, "./images/hub", "./images/firewall", "./images/notebook");
      }
      for (const image of ["hub", "firewall", "notebook"]) {
        assert.deepEqual(entries(hardened, image), entries(usual, image), image);
      }
      assert.equal(statSync(join(hardened, "images/hub/bin/jupyterhub-on-docker")).mode & 0o777, 0o755);
      assert.equal(statSync(join(hardened, "images/hub/jupyterhub_on_docker")).mode & 0o777, 0o755);
    });
  }

  it("of the stack are opened where the checkout is closed, and left alone elsewhere", () => {
    const modeOf = (...path: string[]) => statSync(join(root, ...path)).mode & 0o777;
    const outside = join(root, "outside");
    mkdirSync(outside, { mode: 0o700 });
    writeFileSync(join(outside, "secret"), "", { mode: 0o600 });
    for (const [name, mode, expected] of [
      ["closed", 0o700, [0o755, 0o644, 0o755]],
      ["open", 0o755, [0o700, 0o600, 0o700]],
    ] as const) {
      const checkout = clone(name, "go=");
      chmodSync(checkout, mode);
      mkdirSync(join(checkout, "notebook"), { mode: 0o700 });
      writeFileSync(join(checkout, "notebook/lessons.md"), "", { mode: 0o600 });
      writeFileSync(join(checkout, "notebook/run"), "", { mode: 0o700 });
      symlinkSync(join(outside, "secret"), join(checkout, "notebook/link"));
      assert.equal(
        settled(checkout, "./notebook", outside, "./nowhere"),
        JSON.stringify(["./notebook", outside, "./nowhere"]),
      );
      assert.deepEqual(
        [modeOf(name, "notebook"), modeOf(name, "notebook/lessons.md"), modeOf(name, "notebook/run")],
        expected,
        name,
      );
    }
    assert.equal(modeOf("outside", "secret"), 0o600);
  });
});
