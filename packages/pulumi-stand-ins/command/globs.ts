/** Path patterns as the real plugin takes them: `*`, `**`, `?`, `[a-z]`, `{a,b}`, and `!` for "not these". */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** @returns a regular expression for the whole path, where only `**` goes over a `/` */
export function globToRegExp(glob: string): RegExp {
  let alternatives = 0;
  const parts = glob.replace(
    /\\(.)|\*\*|\*|\?|\[(!?)((?:\\.|[^\]])+)\]|[{},]|[^\w/]/g,
    (token, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return `\\${escaped}`;
      if (set !== undefined) return `[${not ? "^/" : ""}${set}]`;
      switch (token) {
        case "**":
          return ".*";
        case "*":
          return "[^/]*";
        case "?":
          return "[^/]";
        case "{":
          alternatives += 1;
          return "(?:";
        case "}":
          alternatives -= 1;
          return ")";
        case ",":
          return alternatives > 0 ? "|" : ",";
        default:
          return /[\s\S]/.test(token) && !/[-\s]/.test(token) && token.charCodeAt(0) < 128
            ? `\\${token}`
            : token;
      }
    },
  );
  return new RegExp(`^${parts}$`, "s");
}

function* files(folder: string, prefix = ""): Generator<string> {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* files(folder, path);
    else yield path;
  }
}

/**
 * @param folder where to look
 * @param globs evaluated in their order: a later `!pattern` takes out what an earlier one took in
 * @returns paths relative to the folder, with `/`, sorted
 */
export function matchFiles(folder: string, globs: string[]): string[] {
  const rules = globs.map((glob) => ({
    excludes: glob.startsWith("!"),
    pattern: globToRegExp(glob.replace(/^!/, "")),
  }));
  const found: string[] = [];
  for (const path of files(folder)) {
    const last = rules.filter(({ pattern }) => pattern.test(path)).at(-1);
    if (last && !last.excludes) found.push(path);
  }
  return found.sort();
}
