/** Which file of this repository imports which. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import ts from "typescript";

/** The files that each file imports, also for their types only; paths as from the root, with /. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Folders that hold no source of this repository. */
const SKIPPED = /(^|\/)(node_modules|\.[^/]*)$/;

/** The TypeScript files below a folder. */
export function sources(root: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        return SKIPPED.test(path) ? [] : below(path);
      }
      return entry.isFile() && path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
    });
  return below("").sort();
}

/**
 * The graph of `files`. What is loaded late, by `require` or `import()` in a function, counts too: it is needed all the
 * same.
 */
export function importGraph(root: string, files: readonly string[]): Graph {
  const entries = packageEntries(root);
  return new Map(
    files.map((file) => {
      const own = specifiers(root, file).flatMap(
        (name) => entries.get(name) ?? target(root, file, name) ?? [],
      );
      return [file, [...new Set(own)]];
    }),
  );
}

/** What a file imports, as it is written there. */
export const specifiers = (root: string, file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(root, file), "utf8"), true, true)
    .importedFiles.map(({ fileName }) => fileName);

/** What the packages of this repository give to others, by the packages' names. */
function packageEntries(root: string): Map<string, string> {
  const folder = join(root, "packages");
  return new Map(
    (existsSync(folder) ? readdirSync(folder) : []).map((one) => {
      const manifest = JSON.parse(readFileSync(join(folder, one, "package.json"), "utf8")) as {
        readonly name: string;
        readonly exports: string;
      };
      return [manifest.name, posix.join("packages", one, manifest.exports)];
    }),
  );
}

/** The TypeScript file that a relative import leads to. */
function target(root: string, from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) {
    return undefined;
  }
  const base = resolve(root, dirname(from), specifier);
  const found = [base, `${base}.ts`, `${base}/index.ts`, base.replace(/\.js$/, ".ts")].find(
    (path) => path.endsWith(".ts") && existsSync(path) && statSync(path).isFile(),
  );
  return found === undefined ? undefined : relative(root, found).replaceAll("\\", "/");
}

/** A circle through each group of files that lead back to each other, as `a → b → a`. */
export function circles(graph: Graph): string[] {
  const found: string[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === "done") {
      return;
    }
    if (state.get(file) === "open") {
      found.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    trail.push(file);
    graph.get(file)?.forEach(visit);
    trail.pop();
    state.set(file, "done");
  };
  for (const file of graph.keys()) {
    visit(file);
  }
  return found;
}
