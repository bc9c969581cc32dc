import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack, type Headers } from "tar-stream";

import { differences, folderArchive, readArchive } from "../../../cli/home/archive";
import { folderName, personOfFolder, personal, volumeName } from "../../../cli/home/names";
import { choose, parseLogArguments, type Source } from "../../../cli/verbs/logs";
import { table } from "../../../cli/stack";
import { parseDatabaseArguments } from "../../../cli/verbs/database";

describe("names of homes", () => {
  // The hub's own, servers/names.py, is held to the same names by test/python.
  const homes = JSON.parse(readFileSync(join(__dirname, "../../fixtures/homes.json"), "utf8")) as {
    readonly name: string;
    readonly part: string;
    readonly folder: string;
    readonly volume: string;
  }[];
  for (const { name, part, folder, volume } of homes) {
    it(`are for ${JSON.stringify(name.slice(0, 20))} (${String(name.length)}) as the hub has them, and are read back`, () => {
      assert.equal(volumeName(name), part);
      assert.equal(folderName(name), folder);
      assert.equal(personal("jh-home-{username}", name), volume);
      // A shortened name cannot be read back.
      assert.equal(personOfFolder(folder), folder.includes("%~") ? folder : name);
    });
  }

  it("are what they are where they are none of the hub's", () => {
    assert.ok(homes.some(({ folder }) => folder.includes("%~")));
    assert.equal(personOfFolder("%ZZ"), "%ZZ");
  });
});

describe("arguments of logs", () => {
  const NOW = 1_000_000_000;
  const of = (...argv: string[]) => parseLogArguments(argv, {}, NOW);

  it("are the last 200 lines of the stack dev", () => {
    assert.deepEqual(of("hub"), {
      what: "hub",
      user: false,
      stack: "dev",
      options: { follow: false, timestamps: false, tail: 200 },
    });
  });
  it("can be all since a time", () => {
    assert.deepEqual(of("alice", "--user", "-f", "--since", "10m", "--stack", "prod"), {
      what: "alice",
      user: true,
      stack: "prod",
      options: { follow: true, timestamps: false, since: 1_000_000 - 600 },
    });
  });
  for (const [argv, message] of [
    [[], /expected one part of the stack or one person, got none\.\n {2}Usage: /],
    [["a", "b"], /got a b\./],
    [["hub", "--tail", "x"], /--tail: expected a number of lines or all, got x\./],
    [["hub", "--since", "x"], /--since: expected a time as 30s, 10m, 8h or 7d, got x\./],
    [["hub", "--typo"], /--typo/],
  ] as const) {
    it(`refuse ${argv.join(" ") || "none"}`, () => {
      assert.throws(() => of(...argv), message);
    });
  }
});

describe("what has a log", () => {
  const source = (role: string, user?: string): Source => ({
    name: role,
    labels: { "org.jupyterhub.role": role, ...(user === undefined ? {} : { "org.jupyterhub.user": user }) },
    logs: { logs: () => assert.fail("nobody asked for it") },
  });
  const hub = source("hub");
  const alice = [source("user", "alice"), source("user", "alice")];
  const named = source("user", "hub");
  const all = [hub, ...alice, named, source("user", "user")];

  it("is the part, else the person's servers, all of them", () => {
    assert.deepEqual(choose(all, "hub", false), [hub]);
    assert.deepEqual(choose(all, "alice", false), alice);
    assert.deepEqual(choose(all, "hub", true), [named]);
    assert.deepEqual(choose(all, "user", false), [all[4]]);
    assert.deepEqual(choose(all, "nobody", false), []);
  });
});

describe("the contents of an archive", () => {
  const archive = async (entries: [Partial<Headers> & { name: string }, string?][]): Promise<Readable> => {
    const tar = pack();
    const whole = buffer(tar);
    for (const [header, text] of entries)
      tar.entry({ mode: 0o644, uid: 1000, gid: 100, ...header }, text ?? "");
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

describe("a table", () => {
  it("shows names of the engine as text that no terminal obeys", () => {
    assert.equal(table([["user"], ["a\u001b[2J\n"]]), "user\na\\u{1b}[2J\\u{a}\n");
  });
  it("has columns of equal width", () => {
    assert.equal(
      table([
        ["A", "B"],
        ["long", "x"],
        ["", ""],
      ]),
      "A     B\nlong  x\n\n",
    );
  });
});

describe("npm run database", () => {
  it("takes an action, a file and options", () => {
    assert.deepEqual(parseDatabaseArguments(["dump", "hub.sqlite", "--stack", "prod"]), {
      action: "dump",
      file: "hub.sqlite",
      later: false,
    });
    assert.equal(parseDatabaseArguments(["restore", "--at-next-start", "hub.sqlite"]).later, true);
  });
  for (const wrong of [[], ["dump"], ["copy", "f"], ["dump", "a", "b"], ["dump", "a", "--force"]]) {
    it(`says how it is used for: ${wrong.join(" ") || "nothing"}`, () => {
      assert.throws(() => parseDatabaseArguments(wrong), /Usage: npm run -s database -- dump FILE/);
    });
  }
});
