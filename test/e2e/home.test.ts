import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { type Headers, pack } from "tar-stream";

import { differences, readArchive } from "../../cli/home/archive";
import { labels } from "../../docker-api/naming";
import { Deployment } from "./deployment";

/** Entries of a home: all kinds of files, owners and modes. */
const ENTRIES: [Headers, string?][] = [
  [{ name: "./", type: "directory", mode: 0o750, uid: 1000, gid: 100 }],
  [{ name: "./plain.txt", mode: 0o644, uid: 1000, gid: 100 }, "plain"],
  [{ name: "./secret", mode: 0o600, uid: 1000, gid: 100 }, "x".repeat(3_000_000)],
  [{ name: "./of-root", mode: 0o440, uid: 0, gid: 0 }, "root's"],
  [{ name: "./shared", type: "directory", mode: 0o2775, uid: 1001, gid: 2000 }],
  [{ name: `./shared/${"long".repeat(40)} ü.ipynb`, mode: 0o644, uid: 1001, gid: 2000 }, "{}"],
  [{ name: "./empty", type: "directory", mode: 0o700, uid: 1000, gid: 100 }],
  [{ name: "./link", type: "symlink", linkname: "/etc/passwd", mode: 0o777, uid: 1000, gid: 100 }],
];

async function tar(entries: typeof ENTRIES): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const [header, text] of entries) {
    archive.entry({ mtime: new Date(1_700_000_000_000), ...header }, text ?? "");
  }
  archive.finalize();
  return whole;
}

/** A stack that is a hub's container and no more: the tools ask for its image and its settings. */
describe("homes to and from tar files, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let folder: string;

  const home = (args: readonly string[], ok = true) => deployment.hub(["home", ...args], { ok });
  const labelled = (role: string) =>
    Object.fromEntries(labels(deployment.name, role).map(({ label, value }) => [label, value]));
  const create = (name: string, options: Docker.ContainerCreateOptions) =>
    deployment.docker.createContainer({
      name: `${deployment.name}-${name}`,
      Image: "debian:trixie-slim",
      Labels: labelled(name),
      ...options,
    });

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
    folder = deployment.folder;
    const hub = await create("hub", { Cmd: ["true"] });
    const settings = { storage: { home: { volume: { name: `${deployment.name}-home-{username}` } } } };
    const name = "etc/jupyterhub/config.json";
    await hub.putArchive(await tar([[{ name, mode: 0o444 }, JSON.stringify(settings)]]), { path: "/" });
    await writeFile(join(folder, "alice.tar"), await tar(ENTRIES));
  });
  after(async () => {
    await (deployment as Deployment | undefined)?.remove();
  });

  it("loads an archive into a home that was not there", async () => {
    const { output } = await home(["load", "alice", "alice.tar"]);
    assert.match(output, /^Loaded alice\.tar \(8 files and folders\) into the home of alice\./m);
    const { volumes } = await deployment.objects();
    assert.deepEqual(volumes, [`${deployment.name}-home-alice`]);
  });

  for (const file of ["saved.tar", "saved.tar.gz"]) {
    it(`saves it as ${file}, with owners, modes, links and contents`, async () => {
      await home(["save", "alice", file]);
      // Read as its user will: the packed one by tar itself.
      await deployment.run("tar", [file.endsWith(".gz") ? "-tzf" : "-tf", file]);
      if (file.endsWith(".gz")) {
        return;
      }
      const [given, saved] = await Promise.all(
        ["alice.tar", file].map((name) => readArchive(createReadStream(join(folder, name)))),
      );
      assert.ok(given && saved);
      assert.deepEqual(differences(given.contents, saved.contents), []);
      assert.equal(given.contents.size, ENTRIES.length);
    });
  }

  it("writes over no file, and into no home with files, unless told to", async () => {
    const saved = await home(["save", "alice", "saved.tar"], false);
    assert.match(saved.output, /^save: expected a file that does not exist yet, got saved\.tar\./);
    await home(["save", "alice", "saved.tar", "--force"]);
    const loaded = await home(["load", "alice", "saved.tar"], false);
    assert.equal(loaded.code, 1);
    assert.match(loaded.output, /^load: expected an empty home, but that of alice has files\./);
  });

  it("replaces what is in a home by what is in the file", async () => {
    const small = await tar([[{ name: "only", mode: 0o600, uid: 1000, gid: 100 }, "one"]]);
    await writeFile(join(folder, "small.tar"), small);
    await home(["load", "alice", "small.tar", "--replace"]);
    await home(["save", "alice", "after.tar"]);
    const { contents } = await readArchive(createReadStream(join(folder, "after.tar")));
    assert.deepEqual([...contents.keys()].sort(), ["", "only"]);
    // From the packed one, too.
    await home(["load", "alice", "saved.tar.gz", "--replace"]);
  });

  it("gives a home to another name, with all that is in it, and never to one who has one", async () => {
    await home(["load", "bob", "small.tar"]);
    const refused = await home(["rename", "alice", "bob"], false);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /^rename: expected that bob has no home, but there is one\./);
    const name = "Ann.O'Neil@example.org";
    const renamed = await home(["rename", "alice", name, "--json"]);
    const { entries, place } = JSON.parse(renamed.stdout) as { entries: number; place: string };
    assert.equal(entries, ENTRIES.length);
    assert.ok((await deployment.objects()).volumes.includes(place));
    assert.ok(!(await deployment.objects()).volumes.includes(`${deployment.name}-home-alice`));
    await home(["save", name, "renamed.tar"]);
    const [given, now] = await Promise.all(
      ["alice.tar", "renamed.tar"].map((file) => readArchive(createReadStream(join(folder, file)))),
    );
    assert.ok(given && now);
    assert.deepEqual(differences(given.contents, now.contents), []);
    await home(["rename", name, "alice"]);
  });

  it("removes a home once it is saved, and not without being told where to or that it is not to be", async () => {
    const undecided = await home(["remove", "bob"], false);
    assert.equal(undecided.code, 2);
    assert.match(undecided.output, /a file to save the home to, or --without-archive/);
    const taken = await home(["remove", "bob", "small.tar"], false);
    assert.equal(taken.code, 1);
    const volume = `${deployment.name}-home-bob`;
    assert.ok((await deployment.objects()).volumes.includes(volume));
    const { output } = await home(["remove", "bob", "bob.tar"]);
    assert.match(
      output,
      new RegExp(`The home of bob \\(${volume}\\) is removed\\. It is saved in bob\\.tar\\.`),
    );
    assert.ok(!(await deployment.objects()).volumes.includes(volume));
    await home(["load", "bob", "bob.tar"]);
    await home(["remove", "bob", "--without-archive"]);
    assert.ok(!(await deployment.objects()).volumes.includes(volume));
    assert.match(
      (await home(["remove", "bob", "--without-archive"], false)).output,
      /expected a person with a home, got bob/,
    );
  });

  it("does nothing to a home whose server runs", async () => {
    const volume = `${deployment.name}-home-alice`;
    const server = await create("user-alice", {
      Cmd: ["sleep", "600"],
      HostConfig: { Binds: [`${volume}:/home/jovyan`], Init: true, NetworkMode: "none" },
      Labels: labelled("user"),
    });
    await server.start();
    const { code, output } = await home(["load", "alice", "small.tar", "--replace"], false);
    assert.equal(code, 1);
    assert.match(output, /^load: expected no running server of alice, found one\./);
    for (const words of [
      ["remove", "alice", "--without-archive"],
      ["rename", "alice", "carol"],
    ]) {
      assert.match((await home(words, false)).output, /expected no running server of alice, found one\./);
    }
    const list = await home(["list"]);
    assert.match(list.stdout, new RegExp(`^alice +${volume} +${deployment.name}-user-alice$`, "m"));
    const saved = await home(["save", "alice", "running.tar"]);
    assert.match(saved.output, /^Note: the server of alice is running/m);
    await server.remove({ force: true });
  });

  it("touches nothing for a file that is no whole archive", async () => {
    const whole = await tar(ENTRIES);
    await writeFile(join(folder, "cut.tar"), whole.subarray(0, 100_000));
    for (const file of ["cut.tar", "package.json", "missing.tar"]) {
      const { code, output } = await home(["load", "alice", file, "--replace"], false);
      assert.equal(code, 1);
      assert.match(
        output,
        /^(\S+: expected a tar archive, but |load: expected a tar file, but there is no )/,
        output,
      );
    }
    await home(["save", "alice", "still.tar"]);
    const { contents } = await readArchive(createReadStream(join(folder, "still.tar")));
    assert.equal(contents.size, ENTRIES.length);
  });

  describe("that are folders of the Docker host", () => {
    let people: string;

    before(async () => {
      people = join(folder, "people");
      await mkdir(join(people, "users"), { recursive: true });
      const settings = { storage: { home: { volume: null, tree: people }, uid: 1000, gid: 100 } };
      const name = "etc/jupyterhub/config.json";
      const hub = deployment.docker.getContainer(`${deployment.name}-hub`);
      await hub.putArchive(await tar([[{ name, mode: 0o444 }, JSON.stringify(settings)]]), { path: "/" });
    });
    after(async () => {
      // Some of it is root's.
      await deployment.run("chmod", ["-R", "u+rwX", people], { ok: false });
      await rm(people, { recursive: true, force: true });
    });

    it("are made with the hub's owner and mode, under the hub's name for them", async () => {
      await writeFile(join(folder, "one.tar"), await tar([[{ name: "one", uid: 1000, gid: 100 }, "one"]]));
      await home(["load", "zoë", "one.tar"]);
      const { uid, gid, mode } = await stat(join(people, "users", "zo%C3%AB"));
      assert.deepEqual([uid, gid, mode & 0o7777], [1000, 100, 0o700]);
    });

    it("are saved and loaded as volumes are", async () => {
      await home(["load", "alice", "alice.tar"]);
      await home(["save", "alice", "folder.tar"]);
      const [given, saved] = await Promise.all(
        ["alice.tar", "folder.tar"].map((name) => readArchive(createReadStream(join(folder, name)))),
      );
      assert.ok(given && saved);
      assert.deepEqual(differences(given.contents, saved.contents), []);
      const full = await home(["load", "alice", "small.tar"], false);
      assert.match(full.output, /^load: expected an empty home, but that of alice has files\./);
      await home(["load", "alice", "small.tar", "--replace"]);
      assert.deepEqual(await readdir(join(people, "users", "alice")), ["only"]);
    });

    it("are listed, with the servers that have them", async () => {
      const path = join(people, "users", "alice");
      const server = await create("user-alice", {
        Cmd: ["sleep", "600"],
        HostConfig: { Binds: [`${path}:/home/jovyan`], Init: true, NetworkMode: "none" },
        Labels: labelled("user"),
      });
      await server.start();
      try {
        const { stdout } = await home(["list"]);
        assert.match(stdout, /^USER +FOLDER +RUNNING SERVERS$/m);
        assert.match(stdout, new RegExp(`^alice +${path} +${deployment.name}-user-alice$`, "m"));
        assert.match(stdout, new RegExp(`^zoë +${people}/users/zo%C3%AB$`, "m"));
        const { output } = await home(["load", "alice", "small.tar", "--replace"], false);
        assert.match(output, /^load: expected no running server of alice, found one\./);
      } finally {
        await server.remove({ force: true });
      }
    });
  });

  it("says that temporary homes are not saved", async () => {
    const settings = { storage: { home: { volume: null, tree: null } } };
    const name = "etc/jupyterhub/config.json";
    const hub = deployment.docker.getContainer(`${deployment.name}-hub`);
    await hub.putArchive(await tar([[{ name, mode: 0o444 }, JSON.stringify(settings)]]), { path: "/" });
    const { code, output } = await home(["save", "alice", "new.tar"], false);
    assert.equal(code, 1);
    assert.match(output, /are temporary\./);
  });

  it("leaves no container behind", async () => {
    assert.deepEqual((await deployment.objects()).containers, [`${deployment.name}-hub`]);
  });
});
