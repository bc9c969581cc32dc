/** Which Pulumi packages a program needs: what its installed npm packages say of themselves. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** A package whose plugin the engine has to have. */
export interface RequiredPackage {
  readonly name: string;
  readonly kind: "resource";
  /** With a leading `v`. */
  readonly version: string;
  readonly server?: string;
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** The manifest of an installed package, found as Node.js finds the package, and its folder. */
function installed(name: string, from: string): { manifest: Manifest; folder: string } | undefined {
  for (const folder of createRequire(join(from, "index.js")).resolve.paths(name) ?? []) {
    const manifest = readManifest(join(folder, name, "package.json"));
    if (manifest !== undefined) return { manifest, folder: join(folder, name) };
  }
  return undefined;
}

function required({ name = "", version = "", pulumi }: Manifest): RequiredPackage | undefined {
  if (pulumi?.resource !== true) return undefined;
  return {
    name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
    kind: "resource",
    version: `v${(pulumi.version ?? version).replace(/^v/, "")}`,
    ...(pulumi.server === undefined ? {} : { server: pulumi.server }),
  };
}

/**
 * The packages that the program in a folder needs, sorted by name. A Pulumi package can need further ones; other
 * packages are not looked into.
 */
export function requiredPackages(folder: string): RequiredPackage[] {
  const found = new Map<string, RequiredPackage>();
  const visit = (names: readonly string[], from: string): void => {
    for (const name of names) {
      const one = installed(name, from);
      const needed = one === undefined ? undefined : required(one.manifest);
      if (one === undefined || needed === undefined || found.has(one.folder)) continue;
      found.set(one.folder, needed);
      visit(Object.keys(one.manifest.dependencies ?? {}), one.folder);
    }
  };
  // The program can be in a folder below the one with the manifest.
  for (let at = folder; ; at = dirname(at)) {
    const manifest = readManifest(join(at, "package.json"));
    if (manifest !== undefined) {
      visit(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }), at);
      break;
    }
    if (dirname(at) === at) break;
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}
