import assert from "node:assert/strict";

import { messagesWith } from "./support";

const password = "text";

describe("backup", () => {
  const refused: [string, object, RegExp][] = [
    ["no password", { to: "/mnt/backup" }, /backup\.password/],
    ["a relative folder", { to: "backup", password }, /expected an absolute path, rest:https/],
    [
      "a password in an address",
      { to: "rest:https://me:secret@host/", password },
      /without user, password or token/,
    ],
    ["an address of another kind", { to: "sftp:me@host:/x", password }, /expected an absolute path/],
    [
      "a folder that a restart empties",
      { to: "/run/backup", password },
      /is kept when the Docker host restarts/,
    ],
    ["a time that is none", { to: "/mnt/backup", password, at: "24:00" }, /from 00:00 to 23:59/],
    ["no daily backups", { to: "/mnt/backup", password, keep: { daily: 0 } }, /from 1 to 10000/],
    [
      "a variable of the program's",
      { to: "/mnt/b", password, secrets: { RESTIC_PASSWORD: "x" } },
      /backup\.secrets/,
    ],
  ];
  for (const [what, backup, message] of refused) {
    it(`refuses ${what}`, () => {
      const found = messagesWith({ backup });
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", message);
    });
  }

  it("is refused in a Swarm, within the homes that it saves, and where homes could be called as any volume", () => {
    const storage = { homes: { kind: "tree", root: "/srv/homes" } };
    const [inside = ""] = messagesWith({ storage, backup: { to: "/srv/homes/backup", password } });
    assert.match(inside, /a folder outside of/);
    assert.deepEqual(messagesWith({ storage, backup: { to: "/srv/homes-backup", password } }), []);
    const named = (name: string) =>
      messagesWith({ storage: { homes: { kind: "volume", name } }, backup: { to: "/mnt/b", password } });
    assert.match(named("{username}")[0] ?? "", /backups take volumes by their names/);
    assert.deepEqual(named("old-{username}"), []);
    const swarm = {
      registry: { address: "r.example.org:5000" },
      homes: { kind: "shared-path", path: "/mnt/h" },
    };
    const found = messagesWith({ variant: "swarm", swarm, backup: { to: "/mnt/backup", password } });
    assert.ok(
      found.some((one) => /a stack on one host/.test(one)),
      found.join("\n"),
    );
  });
});
