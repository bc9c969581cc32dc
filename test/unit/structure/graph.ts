/** Which file of this repository imports which. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
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
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
      const own = importedFiles.flatMap(({ fileName }) => target(root, file, fileName) ?? []);
      return [file, [...new Set(own)]];
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
