/** Versions that stand in several files are the same in all, and Renovate finds each place of an image's tag. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

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

describe("npm packages", () => {
  type Dependencies = Readonly<Record<string, string>>;
  interface Manifest {
    dependencies: Dependencies;
    devDependencies: Dependencies;
  }
  const root = JSON.parse(read("package.json")) as Manifest;
  const folders = readdirSync(join(ROOT, "packages"));
  const all = ({ dependencies, devDependencies }: Manifest) => ({ ...devDependencies, ...dependencies });

  for (const folder of folders) {
    const own = JSON.parse(read(`packages/${folder}/package.json`)) as Manifest;

    it(`of packages/${folder} have exact versions, the same as at the root, so that one copy is installed`, () => {
      for (const [name, version] of Object.entries(all(own))) {
        assert.match(version, /^\d+\.\d+\.\d+$/, name);
        assert.equal(version, all(root)[name] ?? version, name);
      }
    });

    it(`of packages/${folder} are those that its sources import`, () => {
      const files = execFileSync(
        "git",
        ["ls-files", "-co", "--exclude-standard", `packages/${folder}/**.ts`],
        {
          cwd: ROOT,
          encoding: "utf8",
        },
      );
      const imported = (isTest: boolean) =>
        files
          .split("\n")
          .filter((file) => file.endsWith(".ts") && existsSync(join(ROOT, file)))
          .filter((file) => file.includes("/test/") === isTest)
          .flatMap((file) => ts.preProcessFile(read(file), true, true).importedFiles)
          .map(({ fileName }) => /^(@[^/]+\/)?[^/]+/.exec(fileName)?.[0] ?? "")
          .filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
      assert.deepEqual([...new Set(imported(false))].sort(), Object.keys(own.dependencies).sort());
      for (const name of imported(true)) {
        assert.ok(name in all(own), name);
      }
    });
  }
});
