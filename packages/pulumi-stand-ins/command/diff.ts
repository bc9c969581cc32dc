/** How two sets of inputs differ, said as the real plugin says it: a path and a kind for each leaf. */
import { isDeepStrictEqual } from "node:util";

import { type DiffResult, type PropertyDiff, type Props, UNKNOWN } from "../lib/serve";

function isPlain(value: unknown): value is Props {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function child(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) {
    return `${path}[${JSON.stringify(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}

function compare(path: string, older: unknown, newer: unknown, into: Record<string, PropertyDiff>): void {
  if (older === UNKNOWN || newer === UNKNOWN) {
    into[path] = { kind: "UPDATE" };
  } else if (Array.isArray(older) && Array.isArray(newer)) {
    for (let i = 0; i < Math.max(older.length, newer.length); i++) {
      const at = `${path}[${i}]`;
      if (i >= older.length) {
        into[at] = { kind: "ADD" };
      } else if (i >= newer.length) {
        into[at] = { kind: "DELETE" };
      } else {
        compare(at, older[i], newer[i], into);
      }
    }
  } else if (isPlain(older) && isPlain(newer)) {
    compareObjects(path, older, newer, into);
  } else if (!isDeepStrictEqual(older, newer)) {
    into[path] = { kind: "UPDATE" };
  }
}

function compareObjects(path: string, older: Props, newer: Props, into: Record<string, PropertyDiff>): void {
  for (const key of [...new Set([...Object.keys(older), ...Object.keys(newer)])].sort()) {
    const [was, is] = [older[key] ?? undefined, newer[key] ?? undefined];
    const at = child(path, key);
    if (was === undefined && is === undefined) {
      continue;
    }
    if (was === undefined) {
      into[at] = { kind: "ADD" };
    } else if (is === undefined) {
      into[at] = { kind: "DELETE" };
    } else {
      compare(at, was, is, into);
    }
  }
}

/**
 * @param replaces inputs that replace the resource when they come or go; a change inside them is an update, as with the
 *   real plugin (its SDK asks the engine to replace then)
 */
export function diffInputs(older: Props, newer: Props, replaces: ReadonlySet<string>): DiffResult {
  const detailedDiff: Record<string, PropertyDiff> = {};
  compareObjects("", older, newer, detailedDiff);
  for (const [path, diff] of Object.entries(detailedDiff)) {
    if (replaces.has(path)) {
      diff.kind = `${diff.kind}_REPLACE` as PropertyDiff["kind"];
    }
  }
  const heads = (paths: string[]): string[] => [
    ...new Set(paths.map((path) => /^[\w$]*/.exec(path)?.[0] ?? path)),
  ];
  const paths = Object.keys(detailedDiff);
  return {
    changes: paths.length > 0 ? "DIFF_SOME" : "DIFF_NONE",
    diffs: heads(paths),
    replaces: heads(paths.filter((path) => detailedDiff[path]?.kind.endsWith("_REPLACE"))),
    detailedDiff,
  };
}
