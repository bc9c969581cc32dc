import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { folderName, personal, personOfFolder, volumeName } from "../../../../cli/home/names";

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

  it("are what they are where they are none of the hub's", () => {
    assert.ok(homes.some(({ folder }) => folder.includes("%~")));
    assert.equal(personOfFolder("%ZZ"), "%ZZ");
  });
});
