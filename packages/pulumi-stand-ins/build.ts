/**
 * Builds the stand-ins for Pulumi's plugins: one bundle each, which depends on Node.js and nothing else, and a
 * small executable where the Pulumi command line looks for the plugin.
 */
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
import { basename, dirname, join, relative, resolve } from "node:path";

import {
  hashOf,
  INPUTS,
  type Inputs,
  inputsOf,
  nameOf,
  nameWith,
  readBelowRoot,
  ROOT,
  timesOf,
} from "./inputs";

/** Names the build that a run uses, so that another checkout that builds its own meanwhile changes nothing in it. */
export const BUILD_VARIABLE = "PULUMI_STAND_INS";

/** Milliseconds after which a build that is not used is removed: a day. */
const UNUSED = 24 * 60 * 60 * 1000;

/** The versions that the stand-ins answer for, which are those of the npm packages. */
export const VERSIONS: Readonly<Record<string, string>> = {
  command: "1.2.1",
  docker: "5.2.0",
  random: "4.21.2",
};

interface StandIn {
  /** Folder of its `main.ts`. */
  readonly source: string;
  /** Below the cache folder. */
  readonly executable: string;
}

const STAND_INS: readonly StandIn[] = [
  { source: "language-nodejs", executable: join("bin", "pulumi-language-nodejs") },
  ...Object.entries(VERSIONS).map(([name, version]) => ({
    source: name,
    executable: join("pulumi-home", "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`),
  })),
];

/** Whether a build is what would be built now. */
function isOfThisCheckout(build: string): boolean {
  try {
    const { own, libraries, librariesHash, librariesTimes } = inputsOf(build);
    const hash = timesOf(libraries) === librariesTimes ? librariesHash : hashOf(libraries, readBelowRoot);
    return (
      basename(build) === nameWith(own, hash, readBelowRoot) &&
      STAND_INS.every(({ source }) => existsSync(join(build, `${source}.cjs`)))
    );
  } catch {
    // No such build, not a whole one, or a file that went into it is gone.
    return false;
  }
}

/**
 * The executable. It keeps what V8 compiled beside the bundle (a third of the start otherwise): Node.js has that built in
 * from version 22 only.
 */
function launcher(source: string, bundle: string): string {
  return `#!/usr/bin/env node
// A stand-in for the official plugin, made by packages/pulumi-stand-ins/build.ts.
"use strict";
const { existsSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");
const named = join(process.env.${BUILD_VARIABLE} || __dirname, ${JSON.stringify(`${source}.cjs`)});
const latest = join(__dirname, ${JSON.stringify(bundle)});
const file = existsSync(named) ? named : latest;
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

/** Whether all executables of a cache are those that this version writes, whichever build they lead to by themselves. */
function hasLaunchers(cache: string): boolean {
  return STAND_INS.every(({ source, executable }) => {
    const file = join(cache, executable);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const [, path = '""'] = /^const latest = join\(__dirname, (".*")\);$/m.exec(text) ?? [];
    return text === launcher(source, JSON.parse(path) as string);
  });
}

/** Folders of builds, the one that was used last first. */
const byUse = (builds: string): string[] =>
  readdirSync(builds)
    .map((name) => join(builds, name))
    .map((build) => ({ build, used: statSync(build, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used)
    .map(({ build }) => build);

/**
 * The folder in which a cache has the stand-ins as they would be built now, for `BUILD_VARIABLE`; undefined where it has
 * not. Everything that goes into them is looked at: the one answer to that question.
 */
export function findBuild(cacheDir: string): string | undefined {
  const cache = resolve(cacheDir);
  const builds = join(cache, "plugins-build");
  return existsSync(builds) && hasLaunchers(cache) ? byUse(builds).find(isOfThisCheckout) : undefined;
}

/** Bundles, and gives the folder that they are in then. */
async function bundle(builds: string): Promise<string> {
  // Loaded here only: a run that has nothing to build should not wait for it.
  const esbuild = await import("esbuild");
  mkdirSync(builds, { recursive: true });
  const part = mkdtempSync(join(builds, "part-"));
  try {
    const { metafile } = await esbuild.build({
      entryPoints: Object.fromEntries(
        STAND_INS.map(({ source }) => [source, join(__dirname, source, "main.ts")]),
      ),
      outdir: part,
      outExtension: { ".js": ".cjs" },
      absWorkingDir: ROOT,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      minify: true,
      legalComments: "none",
      // Native add-ons of ssh2, which it does without.
      external: ["*.node", "cpu-features"],
      logLevel: "error",
      metafile: true,
    });
    // dockerode reads these at run time, from beside itself.
    const proto = join(dirname(require.resolve("dockerode")), "proto");
    cpSync(proto, join(part, "proto"), { recursive: true });
    const copied = readdirSync(proto).map((name) => relative(ROOT, join(proto, name)));
    const all = [...Object.keys(metafile.inputs), ...copied].sort();
    const isLibrary = (path: string): boolean => path.split("/").includes("node_modules");
    const own = all.filter((path) => !isLibrary(path));
    const libraries = all.filter(isLibrary);
    const inputs: Inputs = {
      own,
      libraries,
      librariesHash: hashOf(libraries, readBelowRoot),
      librariesTimes: timesOf(libraries),
    };
    writeFileSync(join(part, INPUTS), JSON.stringify(inputs));
    const build = join(builds, nameOf(inputs));
    try {
      renameSync(part, build);
    } catch (error) {
      // Another run was faster, and may use it already. Half a build is of no use to anybody.
      if (!isOfThisCheckout(build)) {
        if (!existsSync(build)) {
          throw error;
        }
        renameSync(build, join(part, "replaced"));
        renameSync(part, build);
      }
    }
    return build;
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
    if (Date.now() - statSync(build).mtimeMs > UNUSED) {
      rmSync(build, { recursive: true, force: true });
    }
  }
}

/**
 * Builds what is not built yet: bundles in `<cacheDir>/plugins-build`, the language host in `<cacheDir>/bin`, plugins in
 * `<cacheDir>/pulumi-home/plugins` (to be used as PULUMI_HOME). Does nothing if nothing that goes into them has changed.
 */
export async function build(cacheDir: string): Promise<void> {
  const cache = resolve(cacheDir);
  const builds = join(cache, "plugins-build");
  const found = findBuild(cache);
  if (found !== undefined) {
    noteUse(found);
    return;
  }
  mkdirSync(builds, { recursive: true });
  // Another checkout's run may have put its own in use since.
  const kept = readdirSync(builds).map((name) => join(builds, name));
  const made = kept.find(isOfThisCheckout) ?? (await bundle(builds));
  noteUse(made);
  for (const { source, executable } of STAND_INS) {
    const file = join(cache, executable);
    writeWhole(file, launcher(source, relative(dirname(file), join(made, `${source}.cjs`))), 0o755);
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
