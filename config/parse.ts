/** From the raw values of a stack to a frozen configuration, or to all errors at once. Pure: no Pulumi. */
import type { core } from "zod";
import { checkValues } from "./checks";
import {
  type ConfigError,
  type Path,
  describeValue,
  formatKey,
  nearest,
  removeCommand,
  setCommand,
} from "./errors";
import { choose, pathsTo, schemaAt, valueAt } from "./json-schema";
import { keys } from "./schema";
import type { HubConfig } from "./types";

export interface ParseContext {
  /** Namespace of the keys. */
  readonly project: string;
  readonly stack: string;
  /** Text of a file; throws as `fs.readFileSync` does. */
  readonly readFile: (path: string) => string;
  /** The moment at which certificates have to be valid. */
  readonly now: Date;
  /** Top-level keys whose values must not be shown. */
  readonly secretKeys?: ReadonlySet<string>;
}

export type ParseResult =
  | { readonly config: HubConfig<string>; readonly warnings: readonly string[] }
  | { readonly errors: readonly ConfigError[] };

/**
 * @param values top-level keys without the namespace; structured values as JSON text (what Pulumi hands to a
 *   program) or as they are.
 */
export function parseConfig(values: Readonly<Record<string, unknown>>, context: ParseContext): ParseResult {
  const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
  const errors = Object.keys(given)
    .filter((name) => !Object.hasOwn(keys, name))
    .map((name) => unknownKey([name], Object.keys(keys), context));
  const parsed: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(keys)) {
    const result = schema.safeParse(valueAt([name], given));
    if (result.success) parsed[name] = result.data;
    else errors.push(...result.error.issues.flatMap((issue) => explain(issue, name, given, context)));
  }
  const checked = checkValues(parsed, context);
  errors.push(...checked.errors);
  if (errors.length > 0) return { errors };
  return {
    config: deepFreeze({ ...parsed, ...checked.derived }) as HubConfig<string>,
    warnings: checked.warnings,
  };
}

/** Lists and maps arrive as JSON text. No value that is meant to be text starts with a bracket. */
function decode(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** One fault that zod found, in this program's words. */
function explain(
  issue: core.$ZodIssue,
  name: string,
  given: Record<string, unknown>,
  context: ParseContext,
): ConfigError[] {
  const path: Path = [name, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  const node = schemaAt(path, given);
  const value = valueAt(path, given);
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys((node && choose(node, value))?.properties ?? {});
    return issue.keys.map((key) => unknownKey([...path, key], known, context));
  }
  const key = formatKey(context.project, path);
  if (issue.code === "invalid_key") {
    const expected = schemaAt(path.slice(0, -1), given)?.expected ?? "another name";
    const fix = `Remove it with: ${removeCommand(context.project, path)}`;
    return [{ key, expected, got: "another name", fix }];
  }
  const secret = context.secretKeys?.has(name) ?? false;
  const asText = typeof value !== "string" && new RegExp(node?.pattern ?? "^$").test(String(value));
  const example = asText && !secret ? String(value) : exampleOf(issue, node);
  return [
    {
      key,
      expected: expectation(issue, node),
      got: secret && value !== undefined ? "a secret value that is something else" : describeGiven(value),
      fix: `Set it with: ${setCommand(context.project, path, example, { secret, asText })}`,
    },
  ];
}

function describeGiven(value: unknown): string {
  return typeof value === "string" && /^\s*[[{]/.test(value)
    ? "text that is no valid JSON"
    : describeValue(value);
}

function expectation(issue: core.$ZodIssue, node: ReturnType<typeof schemaAt>): string {
  if ("options" in issue && issue.options) return oneOf(issue.options.map(String));
  return node?.expected ?? "another value";
}

function exampleOf(issue: core.$ZodIssue, node: ReturnType<typeof schemaAt>): unknown {
  if ("options" in issue && issue.options) return issue.options[0];
  return node?.examples?.[0] ?? node?.default;
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? `${names[0] ?? ""} (the only one there is)` : `one of ${names.join(", ")}`;
}

function unknownKey(path: Path, known: readonly string[], { project }: ParseContext): ConfigError {
  const name = String(path.at(-1));
  // A key in the wrong place is as common as a mistyped one.
  const place = pathsTo(name)[0];
  const similar = nearest(name, known);
  const expected =
    place !== undefined
      ? `${project}:${place} (the key's place)`
      : similar !== undefined
        ? `${formatKey(project, [...path.slice(0, -1), similar])} (the nearest known key)`
        : `a known key (${known.join(", ")})`;
  return {
    key: formatKey(project, path),
    expected,
    got: "an unknown key",
    fix: `Remove it with: ${removeCommand(project, path)}`,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
