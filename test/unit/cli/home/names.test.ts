import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { folderName, personal, personOfFolder, volumeName } from "../../../../cli/home/names";
import { personIn } from "../../../../config/values/volume-names";

describe("names of homes", () => {
  // The hub's own, servers/object_names.py, is held to the same names by test/python.
  const homes = JSON.parse(readFileSync(join(__dirname, "../../../fixtures/homes.json"), "utf8")) as {
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

  it("are read back of volumes, where the hub has written them", () => {
    for (const { name, part } of homes) {
      assert.equal(personIn("{username}", part), name);
      assert.equal(personIn("old-{username}.home", `old-${part}.home`), name);
    }
    for (const volume of ["", "Alice", "a_b", "a-2", "a-61", "a-zz", "a-c3", "a--b", "jupyterhub-data"]) {
      assert.equal(personIn("{username}", volume), undefined, volume);
    }
    for (const volume of ["old-", "new-alice.home", "old-alice", "alice.home"]) {
      assert.equal(personIn("old-{username}.home", volume), undefined, volume);
    }
    assert.equal(personIn("home", "home"), undefined);
  });

  it("are what they are where they are none of the hub's", () => {
    assert.ok(homes.some(({ folder }) => folder.includes("%~")));
    assert.equal(personOfFolder("%ZZ"), "%ZZ");
  });
});
