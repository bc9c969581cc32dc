/** Small volumes that get full: the hub's data on a file system in a file, homes in memory. */
import assert from "node:assert/strict";

import { faultAtWork } from "./fault";
import { empty, fill, LoopDisk } from "./loop-disk";
import { World } from "./world";

const HOME_MIB = 24;

/** What the hub runs as, and what PostgreSQL does. */
const HUB_USER = "10001:10001";
const POSTGRES_USER = "999:999";

/** How many tokens alice gets, each of which needs room in the database, until the hub cannot write any more. */
async function tokensUntilRefused({ alice }: World): Promise<number> {
  const body = JSON.stringify({ note: "x".repeat(1000), expires_in: 600 });
  for (let written = 0; written < 2000; written += 1) {
    const answer = await alice.api("hub/api/users/alice/tokens", { method: "POST", body });
    await answer.text();
    if (answer.status !== 201) {
      assert.equal(answer.status, 500);
      return written;
    }
  }
  throw new Error("the database took 2000 tokens on a full disk");
}

describe("full disks", function () {
  this.timeout(900_000);

  let world: World;
  let disk: LoopDisk;
  before(async () => {
    const options = { type: "tmpfs", device: "tmpfs", o: `size=${HOME_MIB}m,uid=1000,gid=100` };
    disk = await LoopDisk.create(HUB_USER);
    world = await World.create(
      { storage: { homes: { kind: "volume", options } } },
      { prepare: (deployment) => disk.serve(deployment, "hub-data") },
    );
  });
  after(async () => {
    await (world as World | undefined)?.remove();
    await (disk as LoopDisk | undefined)?.remove();
  });

  faultAtWork(
    "single-host",
    "hub-data-full",
    () => world,
    async (one) => {
      const before = await one.deployment.hub(["check"]);
      assert.doesNotMatch(before.output, /full/);
      await fill(one, "hub", "/srv/jupyterhub");
      const full = async () => {
        const check = await one.deployment.hub(["check"], { ok: false });
        assert.equal(check.code, 1, check.output);
        assert.match(check.output, /The disk with the hub's data is full/);
        return tokensUntilRefused(one);
      };
      const written = await full().finally(() => empty(one, "hub", "/srv/jupyterhub"));
      const seconds = await one.seconds("bob can log in", () => one.canLogIn());
      const integrity =
        "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite').execute('pragma integrity_check').fetchone()[0])";
      assert.equal(await one.inside("hub", "python", "-c", integrity), "ok");
      assert.equal((await one.alice.api("hub/api/users/alice")).status, 200, "alice's token is gone");
      await one.somebodyWorks();
      // The volume's options, which somebody else chose, are no reason to replace it.
      await one.deployment.up(["--expect-no-changes"]);
      return {
        seen: `./hub check named the disk. The database had room for ${written} tokens, then the hub refused more. With space again, bob worked; the database is intact.`,
        seconds,
      };
    },
  );

  faultAtWork(
    "single-host",
    "home-full",
    () => world,
    async (one) => {
      const path = "user/alice/api/contents/";
      const save = async (name: string, content: string) => {
        const answer = await one.alice.api(`${path}${name}`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ type: "file", format: "text", content }),
        });
        return { status: answer.status, text: await answer.text() };
      };
      const before = "before".repeat(2 ** 16);
      assert.equal((await save("work.txt", before)).status, 201);
      await one.python(
        [
          "try:",
          "    with open('fill', 'wb', buffering=0) as _file:",
          "        while True: _file.write(bytes(4096))",
          "except OSError: pass",
        ].join("\n"),
      );
      const refused = await save("work.txt", before.replaceAll("before", "after!"));
      assert.equal(refused.status, 500, refused.text);
      assert.match(refused.text, /No space left/);
      const kept = await one.alice.api(`${path}work.txt`);
      assert.ok(((await kept.json()) as { content: string }).content === before, "the file was changed");
      // jupyter_server says of a file that was not there before that its temporary copy is missing.
      assert.equal((await save("new.txt", before)).status, 500);
      await one.python("import os\nos.remove('fill')");
      const seconds = await one.seconds("alice can save", async () => {
        return (await save("work.txt", "now")).status === 200;
      });
      return {
        seen: "Saving was refused with the reason, and the file was as before. With space again, saving worked.",
        seconds,
      };
    },
  );
});

describe("a full disk of PostgreSQL", function () {
  this.timeout(900_000);

  let world: World;
  let disk: LoopDisk;
  before(async () => {
    disk = await LoopDisk.create(POSTGRES_USER);
    world = await World.create(
      { variant: "lockdown", database: { kind: "postgres" } },
      { prepare: (deployment) => disk.serve(deployment, "database-data") },
    );
  });
  after(async () => {
    await (world as World | undefined)?.remove();
    await (disk as LoopDisk | undefined)?.remove();
  });

  faultAtWork(
    "lockdown",
    "postgres-full",
    () => world,
    async (one) => {
      const folder = "/var/lib/postgresql/data";
      await fill(one, "database", folder);
      const full = async () => {
        const check = await one.deployment.hub(["check"], { ok: false });
        assert.equal(check.code, 1, check.output);
        assert.match(check.output, /The disk with PostgreSQL's data is full/);
        return tokensUntilRefused(one);
      };
      const written = await full().finally(() => empty(one, "database", folder));
      assert.match(await one.log("database"), /No space left on device/);
      const seconds = await one.seconds("bob can log in", () => one.canLogIn());
      assert.equal((await one.alice.api("hub/api/users/alice")).status, 200, "alice's token is gone");
      await one.somebodyWorks();
      // The volume's options, which somebody else chose, are no reason to replace it.
      await one.deployment.up(["--expect-no-changes"]);
      return {
        seen: `./hub check named the disk. The database had room for ${written} tokens, then the hub refused more, and ./hub logs database said why. With space again, bob worked.`,
        seconds,
      };
    },
  );
});
