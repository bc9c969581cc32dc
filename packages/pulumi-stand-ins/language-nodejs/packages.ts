/** What is installed in a program's `node_modules`. */
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of a package.json that matter here. */
interface Manifest {
  name?: string;
  version?: string;
  pulumi?: {
    resource?: boolean;
    name?: string;
    version?: string;
    server?: string;
    parameterization?: Parameterization;
  };
}

export interface Parameterization {
  name: string;
  version: string;
  /** Base64. */
  value: string;
}

/** A resource plugin that an installed package asks for. */
export interface RequiredPackage {
  name: string;
  kind: "resource";
  /** With a leading "v". */
  version: string;
  server?: string;
  parameterization?: Parameterization;
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** Folders of all packages below `node_modules`, nested ones too, sorted by name at each level. */
function* packageFolders(modules: string): Generator<string> {
  for (const entry of entries(modules)) {
    if (entry.name.startsWith(".") || !(entry.isDirectory() || entry.isSymbolicLink())) {
      continue;
    }
    const folder = join(modules, entry.name);
    const found = entry.name.startsWith("@")
      ? entries(folder).map(({ name }) => join(folder, name))
      : [folder];
    for (const packageFolder of found) {
      yield packageFolder;
      // What a linked package brings along is found where it is installed, and a link may lead back here.
      if (!entry.isSymbolicLink()) {
        yield* packageFolders(join(packageFolder, "node_modules"));
      }
    }
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Manifest | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Manifest);
  } catch {
    return undefined;
  }
}

function requirement({ name, version, pulumi }: Manifest): RequiredPackage | undefined {
  if (pulumi?.resource !== true) {
    return undefined;
  }
  const plugin = pulumi.name ?? (name?.startsWith("@pulumi/") ? name.slice("@pulumi/".length) : undefined);
  const wanted = pulumi.version ?? version;
  // The real host leaves out packages that do not say which plugin they belong to.
  if (!plugin || !wanted) {
    return undefined;
  }
  return {
    name: plugin,
    kind: "resource",
    version: wanted.startsWith("v") ? wanted : `v${wanted}`,
    ...(pulumi.server && { server: pulumi.server }),
    ...(pulumi.parameterization && { parameterization: pulumi.parameterization }),
  };
}

/** @returns the plugins that the packages below the program's `node_modules` need, in the order of their folders */
export function requiredPackages(programDirectory: string): RequiredPackage[] {
  const found: RequiredPackage[] = [];
  for (const folder of packageFolders(join(programDirectory, "node_modules"))) {
    const text = readText(join(folder, "package.json"));
    // Parsing hundreds of manifests takes longer than reading them, and few have anything to do with Pulumi.
    const manifest = text?.includes('"pulumi"') ? parse(text) : undefined;
    const required = manifest && requirement(manifest);
    if (required) {
      found.push(required);
    }
  }
  return found;
}
