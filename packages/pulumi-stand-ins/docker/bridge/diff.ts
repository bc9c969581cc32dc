/** Diff: what a change of inputs does to a resource, property by property, as the bridge reports it. */
import type { DiffResult, PropertyDiff, Props } from "../../lib/serve";
import { nameIsFixed } from "./check";
import { canonical, type Field, isObject, isUnknown, isZero, type Shape } from "./shape";

type Kind = "ADD" | "DELETE" | "UPDATE";
type Details = Record<string, PropertyDiff>;

export interface DiffOptions {
  /** Always delete first, whatever the name. */
  deleteBeforeReplace?: boolean;
  ignoreChanges?: readonly string[];
}

/** Compares a state with new inputs. */
export function diff(shape: Shape, olds: Props, news: Props, options: DiffOptions = {}): DiffResult {
  const details: Details = {};
  diffObject(shape, olds, news, "", false, details);
  for (const path of Object.keys(details)) {
    if (options.ignoreChanges?.includes(topLevel(path)) === true) {
      Reflect.deleteProperty(details, path);
    }
  }
  const changed = [...new Set(Object.keys(details).map(topLevel))].sort();
  const replaces = [
    ...new Set(
      Object.entries(details)
        .filter(([, detail]) => detail.kind.endsWith("_REPLACE"))
        .map(([path]) => topLevel(path)),
    ),
  ].sort();
  const stables = Object.entries(shape)
    .filter(([name, field]) => field.replaces === true && !replaces.includes(name))
    .map(([name]) => name)
    .sort();
  if (changed.length === 0) {
    return { changes: "DIFF_NONE", stables, detailedDiff: {} };
  }
  const deleteFirst = replaces.length > 0 && (options.deleteBeforeReplace === true || nameIsFixed(news));
  return {
    changes: "DIFF_SOME",
    diffs: changed,
    ...(replaces.length > 0 ? { replaces } : {}),
    ...(deleteFirst ? { deleteBeforeReplace: true } : {}),
    stables,
    detailedDiff: details,
  };
}

const topLevel = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path;

function diffObject(
  shape: Shape,
  olds: Props,
  news: Props,
  prefix: string,
  replacing: boolean,
  details: Details,
): void {
  for (const [name, field] of Object.entries(shape)) {
    if (field.output === true) {
      continue;
    }
    diffField(field, olds[name], news[name], prefix + name, replacing || field.replaces === true, details);
  }
}

function diffField(
  field: Field,
  older: unknown,
  given: unknown,
  path: string,
  replacing: boolean,
  details: Details,
): void {
  const report = (kind: Kind, at = path): void => {
    details[at] = { kind: replacing ? `${kind}_REPLACE` : kind };
  };
  if ((given === undefined || given === null) && field.computed === true) {
    return;
  }
  const newer = given ?? field.default ?? null;
  if (isUnknown(newer)) {
    report(isZero(older) ? "ADD" : "UPDATE");
    return;
  }
  if (canonical(field, older) === canonical(field, newer) || field.same?.(older, newer) === true) {
    return;
  }
  if (Array.isArray(newer) || (Array.isArray(older) && field.of !== undefined)) {
    const before = Array.isArray(older) ? (older as unknown[]) : [];
    const after = Array.isArray(newer) ? (newer as unknown[]) : [];
    // An attribute that was never set has no elements to add to: it is added as a whole.
    if (!Array.isArray(older)) {
      report("ADD");
    } else if (field.kind === "set") {
      diffSet(field, before, after, path, replacing, details);
    } else {
      diffList(field, before, after, path, replacing, details);
    }
    return;
  }
  if (isObject(newer) && isObject(older)) {
    if (field.of) {
      diffObject(field.of, older, newer, `${path}.`, replacing, details);
    } else {
      for (const key of new Set([...Object.keys(older), ...Object.keys(newer)])) {
        diffField({ kind: "string" }, older[key], newer[key], path + step(key), replacing, details);
      }
    }
    return;
  }
  report(isAbsent(older) ? "ADD" : given === undefined || given === null ? "DELETE" : "UPDATE");
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const step = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

function diffList(
  field: Field,
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  replacing: boolean,
  details: Details,
): void {
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    diffElement(field, before[index], after[index], `${path}[${String(index)}]`, replacing, details);
  }
}

/** Elements that both sides have, in whatever order, are no change; the others are told by their own side's index. */
function diffSet(
  field: Field,
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  replacing: boolean,
  details: Details,
): void {
  const element: Field = field.of ? { kind: "block", of: field.of } : { kind: "string" };
  const keys = (items: readonly unknown[]): string[] => items.map((item) => canonical(element, item));
  const beforeKeys = keys(before);
  const afterKeys = keys(after);
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const removed = index < before.length && !afterKeys.includes(beforeKeys[index] ?? "");
    const added = index < after.length && !beforeKeys.includes(afterKeys[index] ?? "");
    if (removed || added) {
      diffElement(
        field,
        removed ? before[index] : undefined,
        added ? after[index] : undefined,
        `${path}[${String(index)}]`,
        replacing,
        details,
      );
    }
  }
}

function diffElement(
  field: Field,
  older: unknown,
  newer: unknown,
  path: string,
  replacing: boolean,
  details: Details,
): void {
  if (field.of && isObject(older) && isObject(newer)) {
    diffObject(field.of, older, newer, `${path}.`, replacing, details);
    return;
  }
  const nestedReplaces =
    field.of !== undefined && Object.values(field.of).some((inner) => inner.replaces === true);
  diffField({ kind: "string" }, older, newer, path, replacing || nestedReplaces, details);
}
