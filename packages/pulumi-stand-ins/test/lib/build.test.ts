/** When the stand-ins are built anew: whenever anything that goes into them has changed, and only then. */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import type * as Build from "../../build";
import type * as InputsModule from "../../inputs";

const REPOSITORY = join(__dirname, "..", "..", "..", "..");

describe("building the stand-in plugins", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "stand-ins-"));
  const root = join(folder, "checkout");
  const cache = join(folder, "cache");
  let build: typeof Build;
  let made: typeof InputsModule;
  let inputs: InputsModule.Inputs;

  before(async () => {
    mkdirSync(root);
    for (const name of ["packages", "docker-api", "package.json", "package-lock.json", "tsconfig.json"]) {
      cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
    build = createRequire(join(root, "x.js"))("./packages/pulumi-stand-ins/build.ts") as typeof Build;
    made = createRequire(join(root, "x.js"))("./packages/pulumi-stand-ins/inputs.ts") as typeof InputsModule;
    await build.build(cache);
    const [built = ""] = readdirSync(join(cache, "plugins-build"));
    inputs = made.inputsOf(join(cache, "plugins-build", built));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Has a file of the checkout end with another line, and puts it back. */
  function changed<T>(name: string, look: () => T): T {
    const file = join(root, name);
    const text = readFileSync(file);
    writeFileSync(file, Buffer.concat([text, Buffer.from("\n//\n")]));
    try {
      return look();
    } finally {
      writeFileSync(file, text);
    }
  }

  it("looks at every file that is in the bundles, and at what makes them", () => {
    const { own } = inputs;
    // Ways to the engine are shared with the rest of the program.
    for (const name of [
      "docker-api/logs.ts",
      "docker-api/ssh.ts",
      "packages/pulumi-stand-ins/docker/main.ts",
    ]) {
      assert.ok(own.includes(name), name);
    }
    const makers = [
      "packages/pulumi-stand-ins/build.ts",
      "packages/pulumi-stand-ins/inputs.ts",
      "packages/pulumi-stand-ins/package.json",
      "package-lock.json",
      "tsconfig.json",
      "package.json",
    ];
    for (const name of [...own, ...makers]) {
      assert.ok(build.findBuild(cache), `before ${name}`);
      assert.equal(
        changed(name, () => build.findBuild(cache)),
        undefined,
        name,
      );
    }
    assert.ok(build.findBuild(cache));
  });

  it("takes libraries for inputs too, each by its content", () => {
    const { libraries } = inputs;
    assert.ok(libraries.some((name) => name.includes("/dockerode/")));
    assert.ok(libraries.some((name) => name.endsWith(".proto")));
    const content = new Map<string, Buffer>();
    const read = (name: string): Buffer => {
      const known = content.get(name) ?? readFileSync(join(root, name));
      content.set(name, known);
      return known;
    };
    const before = made.nameOf(inputs, read);
    for (const name of libraries) {
      const other = (path: string): Buffer =>
        path === name ? Buffer.concat([read(path), Buffer.from(" ")]) : read(path);
      assert.notEqual(made.nameOf(inputs, other), before, name);
    }
  });

  it("does not take a build whose sources are gone, or that is not whole", () => {
    const file = join(root, "docker-api", "logs.ts");
    renameSync(file, `${file}.away`);
    try {
      assert.equal(build.findBuild(cache), undefined);
    } finally {
      renameSync(`${file}.away`, file);
    }
    assert.equal(build.findBuild(join(folder, "empty")), undefined);
  });

  it("is built by several runs at once, and over half a build", async () => {
    const other = join(folder, "several");
    await Promise.all([build.build(other), build.build(other), build.build(other)]);
    const found = build.findBuild(other);
    assert.ok(found);
    assert.deepEqual(readdirSync(join(other, "plugins-build")), [basename(found)]);
    rmSync(join(found, "docker.cjs"));
    assert.equal(build.findBuild(other), undefined);
    await build.build(other);
    assert.equal(build.findBuild(other), found);
    assert.deepEqual(readdirSync(join(other, "plugins-build")), [basename(found)]);
  });

  it("still finds its own build when another checkout has built its own", async () => {
    const first = build.findBuild(cache);
    assert.ok(first);
    const file = join(root, "docker-api", "logs.ts");
    const text = readFileSync(file);
    writeFileSync(file, Buffer.concat([text, Buffer.from("\n//\n")]));
    try {
      await build.build(cache);
      assert.notEqual(build.findBuild(cache), first);
    } finally {
      writeFileSync(file, text);
    }
    assert.equal(build.findBuild(cache), first);
  });
});
