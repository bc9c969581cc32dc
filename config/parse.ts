/** From the raw values of a stack to a frozen configuration, or to all errors at once. Pure: no Pulumi. */
import type { core } from "zod";

import { checkValues } from "./checks";
import { checkCredentials } from "./checks/credentials";
import { Report } from "./checks/report";
import type { ParseContext } from "./context";
import {
  type ConfigError,
  describeValue,
  formatKey,
  nearest,
  type Path,
  removeCommand,
  setCommand,
} from "./errors";
import { choose, type JsonSchema, kindsOf, schemaAt, valueAt } from "./json-schema";
import { rightPlace } from "./places";
import { type Key, keys } from "./schema";
import type { NameIssue } from "./schema/people";
import { type Taken, takeSecrets } from "./secrets";
import { oneWordProblem } from "./stack-file";
import type { HubConfig, VisibleValues } from "./types";
import { decode, looksLikeJson } from "./values/decode";

export type ParseResult =
  | { readonly config: HubConfig<string>; readonly warnings: readonly string[] }
  | { readonly errors: readonly ConfigError[] };

/**
 * @param values top-level keys without the namespace; structured values as JSON text (what Pulumi hands to a
 *   program) or as they are.
 */
export function parseConfig(values: Readonly<Record<string, unknown>>, context: ParseContext): ParseResult {
  const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(keys, name));
  const isPath = (name: string) => /^[A-Za-z]+[.[]/.test(name);
  const { values: parsed, errors: wrong } = parseKeys(given, Object.keys(keys) as Key[], context);
  const errors = [
    ...unknown.filter(isPath).map((name) => oneWordProblem(name, context)),
    ...unknownKeys(
      unknown.filter((name) => !isPath(name)),
      [],
      Object.keys(keys),
      given,
      context,
    ),
    ...wrong,
  ];
  const { values: visible, secrets } = takeSecrets(parsed);
  const checked = checkValues(visible as Partial<VisibleValues>, context);
  errors.push(...checked.errors);
  const logins = new Report(context);
  checkCredentials(given, logins);
  const told = new Set(logins.errors.map(({ key }) => key));
  const all = [...logins.errors, ...errors.filter(({ key }) => !told.has(key))];
  if (all.length > 0) {
    return { errors: all };
  }
  // Of a Swarm alone: the check of it puts it back.
  const { swarm: _, ...common } = visible as VisibleValues;
  return {
    config: deepFreeze({
      ...common,
      ...checked.derived,
      stack: context.stack,
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([name, { text, readers }]) => [name, { value: text, readers }]),
      ),
    }) as HubConfig<string>,
    warnings: [...checked.warnings, ...inClear(secrets, context)],
  };
}

/** Some keys by themselves, decoded: their values, secrets among them, and what is wrong with those that have none. */
export function parseKeys(
  given: Record<string, unknown>,
  names: readonly Key[],
  context: ParseContext,
): { readonly values: Record<string, unknown>; readonly errors: ConfigError[] } {
  const parsed: Record<string, unknown> = {};
  const errors: ConfigError[] = names
    .filter((name) => name === "users" || name === "groups")
    .flatMap((name) => lostKey(name, given[name], context));
  for (const name of names) {
    const result = keys[name].safeParse(valueAt([name], given));
    if (result.success) {
      parsed[name] = result.data;
    } else {
      errors.push(...distinct(result.error.issues.flatMap((issue) => explain(issue, name, given, context))));
    }
  }
  return { values: parsed, errors };
}

/** Secrets that are readable in the stack's file. */
function inClear(secrets: Taken["secrets"], context: ParseContext): string[] {
  const { project, secretKeys } = context;
  return Object.values(secrets)
    .filter(({ path: [top = ""] }) => secretKeys !== undefined && !secretKeys.has(top))
    .map(
      ({ path }) =>
        `${formatKey(project, path)} is in clear text in the stack file. Encrypt it with: ` +
        setCommand(context, path, "<the secret>", { secret: true }),
    );
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
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(
        issue.keys,
        path,
        Object.keys((node && choose(node, value))?.properties ?? {}),
        given,
        context,
      );
    case "invalid_key": {
      const expected = schemaAt(path.slice(0, -1), given)?.expected ?? "another name";
      const fix = `Remove it with: ${removeCommand(context, path)}`;
      const problem = issue.issues.map(problemOf).find(Boolean);
      const got = problem === undefined ? "another name" : `a name that ${problem}`;
      return [{ key: formatKey(context.project, path), expected, got, fix }];
    }
    case "invalid_union":
      if ("options" in issue && issue.options) {
        const kinds = issue.options.map(String);
        const expected =
          kinds.length === 1 ? `${kinds.join("")} (the only one there is)` : `one of ${kinds.join(", ")}`;
        return [
          wrongValue(path, value, { expected, example: kinds[0] }, context),
          ...strayKeys(path, given, context),
        ];
      }
  }
  const problem = problemOf(issue);
  // What is wrong with the key of a map, which is no value of it.
  if (problem !== undefined && typeof value === "object" && value !== null) {
    const expected = schemaAt(path.slice(0, -1), given)?.expected ?? "another name";
    const fix = `Remove it with: ${removeCommand(context, path)}`;
    return [{ key: formatKey(context.project, path), expected, got: `a name that ${problem}`, fix }];
  }
  if (problem !== undefined) {
    const error = {
      ...wrongValue(path, value, node ?? {}, context),
      // In a list an example would be somebody else, let in or named twice.
      ...(typeof path.at(-1) === "number" && {
        fix: `Correct it, or remove it with: ${removeCommand(context, path)}`,
      }),
    };
    const isSecret = context.secretKeys?.has(name) ?? false;
    return [isSecret ? error : { ...error, got: `${describeValue(value)}, which ${problem}` }];
  }
  // `tls: files` is meant as `tls: {kind: files}`.
  const meant = node && kindsOf(node)?.some((option) => option.properties?.["kind"]?.const === value);
  return [wrongValue(path, value, meant ? { ...node, example: { kind: value } } : (node ?? {}), context)];
}

/** Why a name is none: see schema/people. */
function problemOf(issue: core.$ZodIssue): string | undefined {
  const params = issue.code === "custom" ? (issue.params as Partial<NameIssue> | undefined) : undefined;
  return params?.problem;
}

function wrongValue(path: Path, value: unknown, schema: JsonSchema, context: ParseContext): ConfigError {
  const { expected = "another value", example, pattern, type, default: otherwise, secret: isSecret } = schema;
  const { project, secretKeys } = context;
  const secret = isSecret === true || (secretKeys?.has(String(path[0])) ?? false);
  // A user called 7: right, but for the missing quotes.
  const asText =
    !secret &&
    typeof value === "number" &&
    pattern !== undefined &&
    new RegExp(pattern, "u").test(String(value));
  const flag = () => schema.const ?? booleanOf(value) ?? otherwise ?? false;
  const meant = type === "boolean" ? flag() : asText ? value : example;
  return {
    key: formatKey(project, path),
    expected,
    got: secret && value !== undefined ? "a secret value of another form" : describeGiven(value),
    fix: `Set it with: ${setCommand(context, path, meant, { secret, asText })}`,
  };
}

/** What a word means that some readers of YAML take for true or false; Pulumi hands it over as text. */
function booleanOf(value: unknown): boolean | undefined {
  // A map may be none that there is a text of.
  if (typeof value !== "string" && typeof value !== "number") {
    return undefined;
  }
  const word = String(value).toLowerCase();
  if (["true", "yes", "y", "on", "1"].includes(word)) {
    return true;
  }
  return ["false", "no", "n", "off", "0"].includes(word) ? false : undefined;
}

function describeGiven(value: unknown): string {
  return looksLikeJson(value) ? "text that is not valid JSON" : describeValue(value);
}

/** Keys beside a missing or unknown `kind` that no kind has: zod does not look at them. */
function strayKeys(kindPath: Path, given: Record<string, unknown>, context: ParseContext): ConfigError[] {
  const path = kindPath.slice(0, -1);
  const node = schemaAt(path, given);
  const known = ((node && kindsOf(node)) ?? []).flatMap((option) => Object.keys(option.properties ?? {}));
  const names = Object.keys(valueAt(path, given) as object);
  return unknownKeys(
    names.filter((name) => !known.includes(name)),
    path,
    [...new Set(known)],
    given,
    context,
  );
}

function unknownKeys(
  names: readonly string[],
  parent: Path,
  known: readonly string[],
  given: Record<string, unknown>,
  context: ParseContext,
): ConfigError[] {
  return names.map((name) => unknownKey([...parent, name], known, given, context));
}

/** The one key that zod passes over: somebody would have no limits, and nobody would be told. */
function lostKey(name: string, value: unknown, context: ParseContext): ConfigError[] {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__")) {
    return [];
  }
  const path = [name, "__proto__"];
  const fix = `Remove it with: ${removeCommand(context, path)}`;
  return [
    { key: formatKey(context.project, path), expected: "another name", got: "one that no map can have", fix },
  ];
}

/** Two faults of one value (a size that is none is also below its minimum) are one error. */
function distinct(errors: readonly ConfigError[]): ConfigError[] {
  return [...new Map(errors.map((error) => [error.key, error])).values()];
}

function unknownKey(
  path: Path,
  known: readonly string[],
  given: Record<string, unknown>,
  context: ParseContext,
): ConfigError {
  const { project } = context;
  const error = {
    key: formatKey(project, path),
    got: "an unknown key",
    fix: `Remove it with: ${removeCommand(context, path)}`,
  };
  const name = String(path.at(-1));
  const parent = schemaAt(path.slice(0, -1), given);
  if (parent && kindsOf(parent)?.some(({ properties = {} }) => Object.hasOwn(properties, name))) {
    return { ...error, expected: `a key of this kind (${known.join(", ")})`, got: "a key of another kind" };
  }
  // A key in the wrong place is as common as a mistyped one.
  const place = rightPlace(path);
  if (place !== undefined) {
    return { ...error, expected: `${formatKey(project, place)} (the key's place)` };
  }
  const similar = nearest(name, known);
  if (similar === undefined) {
    return { ...error, expected: `a known key (${known.join(", ")})` };
  }
  return {
    ...error,
    expected: `${formatKey(project, [...path.slice(0, -1), similar])} (the nearest known key)`,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
