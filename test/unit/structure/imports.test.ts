import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { circles, importGraph, sources, specifiers } from "./graph";

const ROOT = join(__dirname, "../../..");

describe("imports", () => {
  it("have no circle, not even of types", () => {
    const graph = importGraph(ROOT, sources(ROOT));
    const arrows = [...graph.values()].reduce((sum, list) => sum + list.length, 0);
    assert.ok(arrows > graph.size, `${graph.size} files with ${arrows} imports: too few to be true`);
    assert.deepEqual(circles(graph), []);
  });

  describe("of packages/", () => {
    const graph = importGraph(ROOT, sources(ROOT));
    const packageOf = (file: string) => /^packages\/[^/]+/.exec(file)?.[0];
    const arrows = [...graph].flatMap(([from, list]) => list.map((to) => ({ from, to })));
    const written = (list: typeof arrows) => list.map(({ from, to }) => `${from} → ${to}`);

    it("lead to its own files and to docker-api/, to no other folder of the project", () => {
      const own = arrows.filter(({ from }) => packageOf(from) !== undefined);
      assert.ok(own.length > 50, `${own.length} imports: too few to be true`);
      const astray = own.filter(({ from, to }) => {
        return packageOf(to) !== packageOf(from) && !to.startsWith("docker-api/");
      });
      assert.deepEqual(written(astray), []);
    });

    it("from outside are by a package's name", () => {
      const byPath = sources(ROOT)
        .filter((file) => packageOf(file) === undefined)
        .flatMap((file) => specifiers(ROOT, file).map((name) => `${file}: ${name}`))
        .filter((one) => /: \..*\bpackages\//.test(one));
      assert.deepEqual(byPath, []);
    });

    it("from outside come to a package's one entry, from setup/ alone", () => {
      const entering = arrows.filter(({ from, to }) => {
        return packageOf(to) !== undefined && packageOf(to) !== packageOf(from);
      });
      assert.deepEqual(written(entering), ["setup/plugins.ts → packages/pulumi-stand-ins/index.ts"]);
    });
  });

  describe("a circle is found", () => {
    let folder = "";
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "imports-"))));
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const circlesOf = (files: Readonly<Record<string, string>>): string[] => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return circles(importGraph(folder, sources(folder)));
    };

    it("of values", () => {
      assert.deepEqual(circlesOf({ "a.ts": 'import { b } from "./b";', "b.ts": 'export * from "./a";' }), [
        "a.ts → b.ts → a.ts",
      ]);
    });

    it("of types, over an index and a longer way", () => {
      assert.deepEqual(
        circlesOf({
          "a.ts": 'import type { B } from "./b";',
          "b/index.ts": 'import { type C } from "./c.js";',
          "b/c.ts": 'export type C = import("../a").A;',
        }),
        ["a.ts → b/index.ts → b/c.ts → a.ts"],
      );
    });

    it("of what is loaded late", () => {
      assert.deepEqual(
        circlesOf({
          "a.ts": 'export const b = () => require("./b");',
          "b.ts": 'export const a = () => import("./a");',
        }),
        ["a.ts → b.ts → a.ts"],
      );
    });

    it("and two ways to one file are none", () => {
      assert.deepEqual(
        circlesOf({
          "a.ts": 'import "./b"; import "./c"; import "node:fs"; import "./data.json";',
          "b.ts": 'import "./d";',
          "c.ts": 'import "./d";',
          "d.ts": "export {};",
        }),
        [],
      );
    });
  });
});
