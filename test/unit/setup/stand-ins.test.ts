/** `./up` and the package of the stand-ins agree on when they are to be built. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type * as Plugins from "../../../setup/plugins";
import { machine } from "./machine";

const REPOSITORY = join(__dirname, "..", "..", "..");

describe("stand-ins for Pulumi plugins", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "stand-ins-"));
  const root = join(folder, "checkout");
  const cache = join(folder, "cache");

  before(() => {
    mkdirSync(root);
    for (const name of [
      "packages",
      "docker-api",
      "setup",
      "config",
      "package.json",
      "package-lock.json",
      "tsconfig.json",
    ]) {
      cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
    }
    // As npm does: the package's own name leads to the package of this checkout.
    mkdirSync(join(root, "node_modules"));
    for (const name of readdirSync(join(REPOSITORY, "node_modules"))) {
      const isOwn = existsSync(join(root, "packages", name));
      const found = isOwn ? join("..", "packages", name) : join(REPOSITORY, "node_modules", name);
      symlinkSync(found, join(root, "node_modules", name));
    }
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("are built again for a changed docker-api/, which is in them", async () => {
    const plugins = createRequire(join(root, "x.js"))("./setup/plugins.ts") as typeof Plugins;
    const here = machine({ root, cache, home: join(folder, "home"), env: { PATH: "" } });
    // One failed download is on record: stand-ins serve.
    const names = plugins.requiredPlugins(root).map(({ name, version }) => `${name} ${version}`);
    mkdirSync(cache);
    writeFileSync(join(cache, "plugins-failed.json"), names.join(", "));
    const cli = { path: process.execPath, version: "3.259.0" };
    const find = () => plugins.findPlugins(here, undefined, false)?.resources;

    assert.equal(find(), undefined);
    await plugins.providePlugins(here, cli, false, () => undefined);
    assert.equal(find(), "stand-in");

    appendFileSync(
      join(root, "docker-api", "logs.ts"),
      '\nexport const MARK = "a change of docker-api";\nconsole.debug(MARK);\n',
    );
    assert.equal(find(), undefined);
    await plugins.providePlugins(here, cli, false, () => undefined);
    assert.equal(find(), "stand-in");
    const { standIns = "" } = plugins.findPlugins(here, undefined, false) ?? {};
    assert.match(readFileSync(join(standIns, "docker.cjs"), "utf8"), /a change of docker-api/);
  });
});
