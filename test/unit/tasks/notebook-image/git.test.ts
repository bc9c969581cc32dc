import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

import { checkOut, commitOf, resolveRef } from "../../../../tasks/notebook-image/git";

const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];

describe("the commit in a listing of refs", () => {
  const listing = [
    `${a}\tHEAD`,
    `${a}\trefs/heads/main`,
    `${b}\trefs/tags/v1`,
    `${c}\trefs/tags/v1^{}`,
    `${b}\trefs/heads/feature/v1`,
  ].join("\n");

  for (const [ref, commit] of [
    ["HEAD", a],
    ["main", a],
    ["refs/heads/main", a],
    // An annotated tag is an object of its own; the commit is behind it.
    ["v1", c],
    // A branch whose name only ends so is another.
    ["feature/v1", b],
    ["nope", undefined],
  ] as const) {
    it(`${ref}: ${commit?.slice(0, 4) ?? "none"}`, () => {
      assert.equal(commitOf(listing, ref), commit);
    });
  }
});

describe("a repository", () => {
  let folder: string;
  let url: string;
  const cwd = process.cwd();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], {
      cwd: folder,
      encoding: "utf8",
    }).trim();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "jupyterhub-git-"));
    url = `file://${folder}`;
    git("init", "-q", "-b", "main");
    await writeFile(join(folder, "lesson.txt"), "one");
    git("add", "-A");
    git("commit", "-qm", "one");
    git("tag", "-am", "first", "v1");
    await writeFile(join(folder, "lesson.txt"), "two");
    git("commit", "-qam", "two");
    // Checkouts go to the folder of the project, which is the working directory.
    process.chdir(folder);
  });

  after(async () => {
    process.chdir(cwd);
    await rm(folder, { recursive: true });
  });

  it("is asked for branches and tags, and not for a commit", async () => {
    assert.equal(await resolveRef(url, "main"), git("rev-parse", "main"));
    assert.equal(await resolveRef(url, "v1"), git("rev-parse", "v1^{commit}"));
    assert.equal(await resolveRef("file:///nowhere", a), a);
    await assert.rejects(resolveRef(url, "nope"), /has no branch or tag nope\. Name one that it has/);
    await assert.rejects(resolveRef("file:///nowhere", "main"), /nowhere/);
  });

  it("whose address git's own settings give a login is named without it", async () => {
    const settings = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "url.http://user:hunter2@127.0.0.1:1/.insteadOf",
      GIT_CONFIG_VALUE_0: "https://git.example.org/",
    };
    Object.assign(process.env, settings);
    try {
      for (const call of [
        resolveRef("https://git.example.org/x", "main"),
        checkOut("https://git.example.org/x", c),
      ]) {
        await assert.rejects(call, (error: Error) => {
          assert.match(error.message, /127\.0\.0\.1/);
          assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/);
          return true;
        });
      }
    } finally {
      for (const name of Object.keys(settings)) {
        Reflect.deleteProperty(process.env, name);
      }
    }
  });

  it("gives an older commit's files without history, with the same modes under any umask", async () => {
    const umask = process.umask(0o077);
    try {
      const commit = git("rev-parse", "v1^{commit}");
      const out = await checkOut(url, commit);
      assert.equal(out, join(".state/git", commit));
      assert.deepEqual(await readdir(out), ["lesson.txt"]);
      assert.equal(await readFile(join(out, "lesson.txt"), "utf8"), "one");
      assert.equal((await stat(join(out, "lesson.txt"))).mode & 0o777, 0o644);
      // There already: nothing is fetched.
      assert.equal(await checkOut("file:///nowhere", commit), out);
    } finally {
      process.umask(umask);
    }
  });

  it("leaves nothing behind when a commit is not there", async () => {
    await assert.rejects(checkOut(url, a), new RegExp(`commit ${a} of file://.* could not be fetched`));
    assert.ok(!(await readdir(".state/git")).some((name) => name.includes(a)));
    await assert.rejects(checkOut(url, "main"), /expected a commit/);
  });
});
