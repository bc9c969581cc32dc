/** Typed values of a stack's file, with their defaults: for tools, which Pulumi hands no configuration. */
import { formatErrors } from "../errors";
import { machine } from "../machine";
import { parseKeys } from "../parse";
import type { Key } from "../schema";
import type { VisibleValues } from "../types";
import { Encrypted, type StackFile, StackFileError } from ".";

/**
 * Some keys of a stack, as the program has them. Checks over several keys, and of files, are the program's. Pure.
 *
 * @throws StackFileError with all that is wrong with them, in the program's words
 */
export function valuesOf<K extends Key>(file: StackFile, names: readonly K[]): Pick<VisibleValues, K> {
  const result = parse(file, names);
  if (result.errors.length > 0) {
    throw new StackFileError(formatErrors(result.errors, file.stack));
  }
  return result.values as Pick<VisibleValues, K>;
}

/** What is wrong with some keys, as the program says it. */
export function problemsOf(file: StackFile, names: readonly Key[]): string {
  return formatErrors(parse(file, names).errors, file.stack);
}

function parse({ project, stack, values }: StackFile, names: readonly Key[]): ReturnType<typeof parseKeys> {
  const given = Object.fromEntries(names.map((name) => [name, shown(values[name])]));
  return parseKeys(given, names, { project, stack, now: new Date(), ...machine });
}

/** Encrypted values as some text: only the form of the others is looked at. */
function shown(value: unknown): unknown {
  if (value instanceof Encrypted) {
    return String(value);
  }
  if (Array.isArray(value)) {
    return value.map(shown);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, shown(below)]));
}
