/** What the stand-ins are built from, and the name that a build has by it. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "..", "..");

/** Below the root: what decides how the bundles come out, and is not in them itself. */
const MAKERS = [
  "packages/pulumi-stand-ins/build.ts",
  "packages/pulumi-stand-ins/inputs.ts",
  "packages/pulumi-stand-ins/package.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "node_modules/esbuild/package.json",
];

/** In a build's folder: what it was made from. */
export const INPUTS = "inputs.json";

/** Paths are below the root. */
export interface Inputs {
  /** Files of this repository that are in the bundles, as esbuild tells. */
  readonly own: readonly string[];
  /** Those of libraries, of which there are four times as many: looked into only where sizes or times are others. */
  readonly libraries: readonly string[];
  readonly librariesHash: string;
  readonly librariesTimes: string;
}

export type Read = (path: string) => Buffer;
export const readBelowRoot: Read = (path) => readFileSync(join(ROOT, path));

export function hashOf(paths: readonly string[], read: Read): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    const content = read(path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

export function timesOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    const { size, mtimeMs } = statSync(join(ROOT, path));
    hash.update(`${path}\0${size} ${mtimeMs}\0`);
  }
  return hash.digest("hex");
}

/** What a build was made from. @throws Error where there is no such build */
export const inputsOf = (build: string): Inputs =>
  JSON.parse(readFileSync(join(build, INPUTS), "utf8")) as Inputs;

/**
 * The name of the build that would be made of these files as they are: a checksum of all their content.
 * @throws Error as `read` does
 */
export function nameOf({ own, libraries }: Pick<Inputs, "own" | "libraries">, read = readBelowRoot): string {
  return nameWith(own, hashOf(libraries, read), read);
}

export function nameWith(own: readonly string[], librariesHash: string, read: Read): string {
  const text = hashOf([...MAKERS, ...own], read) + librariesHash;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
