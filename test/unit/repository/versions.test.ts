/** Versions that stand in several files are the same in all, and Renovate finds each place of an image's tag. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { POSTGRES_IMAGE, TRAEFIK_IMAGE } from "../../../config/constants";

const ROOT = join(__dirname, "../../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

interface Renovate {
  customManagers: { managerFilePatterns: string[]; matchStrings: string[] }[];
}

describe("versions of Node.js", () => {
  it("the newest is one, in .nvmrc and the development container", () => {
    const newest = read(".nvmrc").trim();
    assert.match(newest, /^\d+\.\d+\.\d+$/);
    assert.equal(
      /node:1": \{ "version": "([^"]+)"/.exec(read(".devcontainer/devcontainer.json"))?.[1],
      newest,
    );
  });

  it("the oldest is one, in package.json, its types, ./up and the workflow that tests it", () => {
    const { engines, devDependencies } = JSON.parse(read("package.json")) as {
      engines: { node: string };
      devDependencies: Readonly<Record<string, string>>;
    };
    const oldest = /^>=(\d+\.\d+)$/.exec(engines.node)?.[1] ?? "";
    const [major = "", minor = ""] = oldest.split(".");
    assert.equal(devDependencies["@types/node"]?.split(".")[0], major);
    assert.ok(read("up").includes(`-lt ${major} ]`) && read("up").includes(`-lt ${minor} ]`), "./up");
    assert.equal(/node-version: (\S+)/.exec(read(".github/workflows/test.yml"))?.[1], `${oldest}.0`);
  });
});

describe("renovate.json", () => {
  const { customManagers } = JSON.parse(read("renovate.json")) as Renovate;
  const places = (image: string) =>
    execFileSync("git", ["grep", "-lF", "--", image], { cwd: ROOT, encoding: "utf8" })
      .split("\n")
      .filter((file) => file !== "" && !file.startsWith("test/fixtures/"));

  for (const image of [TRAEFIK_IMAGE, POSTGRES_IMAGE]) {
    it(`finds ${image} wherever it stands`, () => {
      const manager = customManagers.find(({ matchStrings }) =>
        matchStrings.some((pattern) => new RegExp(pattern).exec(image)?.[0] === image),
      );
      assert.ok(manager, "no pattern matches it");
      const patterns = manager.managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
      const files = places(image);
      assert.ok(files.includes("config/constants.ts"), "git grep found nothing");
      assert.deepEqual(
        files.filter((file) => !patterns.some((pattern) => pattern.test(file))),
        [],
      );
    });
  }
});
