import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Headers, pack } from "tar-stream";

import { differences, folderArchive, readArchive } from "../../../../cli/home/archive";

describe("the contents of an archive", () => {
  const archive = async (entries: [Partial<Headers> & { name: string }, string?][]): Promise<Readable> => {
    const tar = pack();
    const whole = buffer(tar);
    for (const [header, text] of entries) {
      tar.entry({ mode: 0o644, uid: 1000, gid: 100, ...header }, text ?? "");
    }
    tar.finalize();
    return Readable.from([await whole]);
  };
  const contents = async (...entries: [Partial<Headers> & { name: string }, string?][]) =>
    (await readArchive(await archive(entries))).contents;

  it("are the same however names are written", async () => {
    const one = await contents([{ name: "./", type: "directory" }], [{ name: "./a" }, "x"]);
    const other = await contents([{ name: ".", type: "directory" }], [{ name: "a" }, "x"]);
    assert.deepEqual(differences(one, other), []);
    assert.deepEqual([...one.keys()], ["", "a"]);
  });

  for (const [what, changed] of [
    ["owner", [{ name: "a", uid: 0 }, "x"]],
    ["group", [{ name: "a", gid: 0 }, "x"]],
    ["mode", [{ name: "a", mode: 0o600 }, "x"]],
    ["content", [{ name: "a" }, "y"]],
    ["kind", [{ name: "a", type: "symlink", linkname: "x" }]],
  ] as [string, [Partial<Headers> & { name: string }, string?]][]) {
    it(`differ in a file's ${what}`, async () => {
      assert.deepEqual(differences(await contents([{ name: "a" }, "x"]), await contents(changed)), ["a"]);
    });
  }

  it("differ in a file that only one has", async () => {
    assert.deepEqual(
      differences(await contents([{ name: "a" }]), await contents([{ name: "./", type: "directory" }])),
      ["a", "the home itself"],
    );
  });

  it("have the header of the home itself, and a folder of its own sets it", async () => {
    const header = {
      name: "./",
      type: "directory",
      mode: 0o711,
      uid: 7,
      gid: 8,
      mtime: new Date(5000),
    } as const;
    const { home } = await readArchive(await archive([[header]]));
    assert.ok(home);
    const { contents } = await readArchive(Readable.from([await folderArchive("copy", home)]));
    assert.match(contents.get("copy") ?? "", /^directory 7:8 711 /);
    assert.equal((await readArchive(await archive([[{ name: "a" }]]))).home, undefined);
  });

  it("cannot be read of an archive that is cut off, or of what is none", async () => {
    const whole = await buffer(await archive([[{ name: "a" }, "x".repeat(5000)]]));
    await assert.rejects(readArchive(Readable.from([whole.subarray(0, 2048)])));
    await assert.rejects(readArchive(Readable.from([Buffer.from("no archive ".repeat(100))])));
  });
});
