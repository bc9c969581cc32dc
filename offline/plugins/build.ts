/**
 * Builds the offline stand-ins for Pulumi's plugins: one bundle each, which depends on Node.js and nothing else, and a
 * small executable where the Pulumi command line looks for the plugin.
 *
 *     npx tsx offline/plugins/build.ts DIRECTORY
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Milliseconds after which a build that is not used is removed: a day. */
const UNUSED = 24 * 60 * 60 * 1000;

/** The versions that the stand-ins answer for, which are those of the npm packages. */
export const VERSIONS: Readonly<Record<string, string>> = {
  command: "1.2.1",
  docker: "5.2.0",
  random: "4.21.2",
};

interface Stand {
  /** Folder of its `main.ts`. */
  readonly source: string;
  /** Below the cache folder. */
  readonly executable: string;
}

const stands: readonly Stand[] = [
  { source: "language-nodejs", executable: join("bin", "pulumi-language-nodejs") },
  ...Object.entries(VERSIONS).map(([name, version]) => ({
    source: name,
    executable: join("pulumi-home", "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`),
  })),
];

const pluginsFolder = __dirname;
const root = join(pluginsFolder, "..", "..");
/** Ways to a Docker Engine that the whole program has in common. */
const sharedFolder = join(root, "docker-api");

/** Everything that has a part in the bundles. */
function sourceHash(): string {
  const hash = createHash("sha256");
  const files = readdirSync(pluginsFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const shared = readdirSync(sharedFolder).map((name) => join(sharedFolder, name));
  for (const file of [...files.map((name) => join(pluginsFolder, name)), ...shared.sort()]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")
    .slice(0, 16);
}

/**
 * The executable. It keeps what V8 compiled beside the bundle (a third of the start otherwise): Node.js has that built in
 * from version 22 only.
 */
function launcher(bundle: string): string {
  return `#!/usr/bin/env node
// An offline stand-in for the official plugin, made by offline/plugins/build.ts.
"use strict";
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");
const file = join(__dirname, ${JSON.stringify(bundle)});
const kept = file + "." + process.version + "-" + process.arch + ".v8";
let cachedData;
try {
  cachedData = readFileSync(kept);
} catch {}
const source = "(function (exports, require, module, __filename, __dirname) {" + readFileSync(file, "utf8") + "\\n})";
const script = new Script(source, { filename: file, cachedData });
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, createRequire(file), module_, file, dirname(file));
if (cachedData === undefined || script.cachedDataRejected) {
  setTimeout(() => {
    try {
      const part = kept + "." + process.pid;
      writeFileSync(part, script.createCachedData());
      renameSync(part, kept);
    } catch {}
  }, 300).unref();
}
`;
}

/** Never leaves half a file, as two builds may run at once. */
function writeWhole(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  writeFileSync(part, text, { mode });
  renameSync(part, file);
}

function isCurrent(cache: string, build: string): boolean {
  return stands.every(({ source, executable }) => {
    const bundle = join(build, `${source}.cjs`);
    const file = join(cache, executable);
    return (
      existsSync(bundle) &&
      existsSync(file) &&
      readFileSync(file, "utf8").includes(JSON.stringify(relative(dirname(file), bundle)))
    );
  });
}

async function bundle(builds: string, build: string): Promise<void> {
  // Loaded here only: a run that has nothing to build should not wait for it.
  const esbuild = await import("esbuild");
  mkdirSync(builds, { recursive: true });
  const part = mkdtempSync(join(builds, "part-"));
  try {
    await esbuild.build({
      entryPoints: Object.fromEntries(
        stands.map(({ source }) => [source, join(pluginsFolder, source, "main.ts")]),
      ),
      outdir: part,
      outExtension: { ".js": ".cjs" },
      absWorkingDir: root,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      minify: true,
      legalComments: "none",
      // Native add-ons of ssh2, which it does without.
      external: ["*.node", "cpu-features"],
      logLevel: "error",
    });
    // dockerode reads these at run time, from beside itself.
    cpSync(join(dirname(require.resolve("dockerode")), "proto"), join(part, "proto"), { recursive: true });
    rmSync(build, { recursive: true, force: true });
    renameSync(part, build);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

function noteUse(build: string): void {
  const now = new Date();
  utimesSync(build, now, now);
}

/** Removes builds that nobody has used for long. Another checkout may have one of its own at work just now. */
function removeOld(builds: string): void {
  for (const name of readdirSync(builds)) {
    const build = join(builds, name);
    if (Date.now() - statSync(build).mtimeMs > UNUSED) rmSync(build, { recursive: true, force: true });
  }
}

/**
 * Builds what is not built yet: bundles in \`<cacheDir>/plugins-build\`, the language host in \`<cacheDir>/bin\`, plugins in
 * \`<cacheDir>/pulumi-home/plugins\` (to be used as PULUMI_HOME). Does nothing if no source has changed.
 */
export async function buildPlugins(cacheDir: string): Promise<void> {
  const cache = resolve(cacheDir);
  const builds = join(cache, "plugins-build");
  const build = join(builds, sourceHash());
  if (isCurrent(cache, build)) {
    noteUse(build);
    return;
  }
  if (!stands.every(({ source }) => existsSync(join(build, `${source}.cjs`)))) await bundle(builds, build);
  noteUse(build);
  for (const { source, executable } of stands) {
    const file = join(cache, executable);
    writeWhole(file, launcher(relative(dirname(file), join(build, `${source}.cjs`))), 0o755);
    if (source !== "language-nodejs") {
      writeWhole(
        join(dirname(file), "OFFLINE"),
        `A stand-in for pulumi-resource-${source}, not the official plugin.\n`,
        0o644,
      );
    }
  }
  removeOld(builds);
}

if (require.main === module) {
  const [directory] = process.argv.slice(2);
  if (!directory) {
    process.stderr.write("usage: tsx offline/plugins/build.ts DIRECTORY\n");
    process.exit(2);
  }
  buildPlugins(directory).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
