/**
 * A stack's file, for those that Pulumi hands no configuration: `./up`, which looks for engine and images before Pulumi
 * runs, and the tools. The only code that reads it. It follows what Pulumi makes of the file.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { PROJECT } from "../constants";
import { type KeyOwner, removeCommand, setCommand } from "../errors";
import { decode, isMap } from "../values/decode";
import { kindOf, parseYaml, readText, StackFileError } from "./yaml";

export { StackFileError } from "./yaml";

/** A stack's own values, without the namespace: as written, lists and maps decoded, an empty value left out. */
export interface StackFile {
  readonly project: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A value in the place of one that is encrypted. */
export class Encrypted {
  /** What stands there where only the form of a value is looked at. */
  toString(): string {
    return "encrypted";
  }
}

/** A value for this run: `-c key=value`, with `--config-path` a path. */
export interface Override {
  readonly key: string;
  readonly value: string;
  readonly isPath: boolean;
}

/** What Pulumi.yaml says of the project. */
export interface Project {
  readonly name: string;
  readonly backendUrl: string | undefined;
  /** Values that hold where a stack has none. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

// A run asks three times, and the file is long.
let known: { readonly text: string; readonly project: Project } | undefined;

/** @throws StackFileError where it is no YAML */
export function readProject(folder: string): Project {
  const file = join(folder, "Pulumi.yaml");
  const text = existsSync(file) ? readText(file, "Pulumi.yaml") : "";
  if (known?.text !== text) {
    known = { text, project: parseProject(text) };
  }
  return known.project;
}

function parseProject(text: string): Project {
  const content = parseYaml(text, "Pulumi.yaml");
  const name = typeof content["name"] === "string" ? content["name"] : PROJECT;
  const backend = isMap(content["backend"]) ? content["backend"]["url"] : undefined;
  const declared = isMap(content["config"]) ? content["config"] : {};
  const defaults = Object.entries(declared).map(([key, entry]) => {
    const value = isMap(entry) ? (entry["value"] ?? entry["default"]) : entry;
    return [key, value] as const;
  });
  return {
    name,
    backendUrl: typeof backend === "string" ? backend : undefined,
    defaults: ownValues(Object.fromEntries(defaults), name, "Pulumi.yaml"),
  };
}

export const stackFileName = (stack: string): string => `Pulumi.${stack}.yaml`;

/**
 * @param folder of Pulumi.yaml and of the stack's file
 * @throws StackFileError where there is no such file, or it is none that Pulumi could read
 */
export function readStackFile(folder: string, stack: string): StackFile {
  const name = stackFileName(stack);
  return parseStackFile(readText(join(folder, name), name), readProject(folder), stack);
}

/**
 * @param text of the file
 * @param overrides of this run
 * @throws StackFileError where Pulumi could not read it, or one of its keys is none
 */
export function parseStackFile(
  text: string,
  project: Project,
  stack: string,
  overrides: readonly Override[] = [],
): StackFile {
  return stackFile(parseYaml(text, stackFileName(stack)), project, stack, overrides);
}

function stackFile(
  content: Readonly<Record<string, unknown>>,
  project: Project,
  stack: string,
  overrides: readonly Override[] = [],
): StackFile {
  const name = stackFileName(stack);
  const config = content["config"] ?? {};
  if (!isMap(config)) {
    throw new StackFileError(`${name}: expected a map in config, got a ${kindOf(config)}.`);
  }
  const written: Record<string, unknown> = {
    ...project.defaults,
    ...ownValues(config, project.name, name),
  };
  for (const { key, value, isPath } of overrides) {
    const own = isPath ? ownName(key.split(/[.[]/, 1)[0] ?? "", project.name) : ownName(key, project.name);
    if (own === undefined) {
      continue;
    }
    if (isPath) {
      setAt(written, [own, ...stepsOf(key).slice(1)], value);
    } else {
      written[own] = value;
    }
  }
  const path = Object.keys(written).find((own) => /[.[]/.test(own));
  if (path !== undefined) {
    throw asOneWord(path, { project: project.name, stack });
  }
  const values = Object.entries(written).map(([own, value]) => [own, decode(hidden(value))] as const);
  return {
    project: project.name,
    stack,
    values: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
  };
}

/** Values of the project's namespace, which may be left out. Scalars are text, as in Pulumi. */
function ownValues(
  config: Readonly<Record<string, unknown>>,
  project: string,
  file: string,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = ownName(key, project);
    if (name === undefined) {
      continue;
    }
    if (Object.hasOwn(found, name)) {
      throw new StackFileError(
        `${file}: expected ${project}:${name} once, got it in two spellings. Remove one.`,
      );
    }
    found[name] = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  }
  return found;
}

/** `docker` for `jupyterhub:docker`, `jupyterhub:config:docker` and `docker`; undefined for another namespace. */
function ownName(key: string, project: string): string | undefined {
  const [first = "", ...rest] = key.split(":");
  if (rest.length === 0) {
    return first;
  }
  if (first !== project) {
    return undefined;
  }
  return (rest.length === 2 && rest[0] === "config" ? rest.slice(1) : rest).join(":");
}

/** Steps of a path as the Pulumi CLI takes it: `a.b[0]["c.d"]`. */
const stepsOf = (path: string): string[] =>
  [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );

function setAt(
  values: Record<string, unknown>,
  [first = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    values[first] = value;
    return;
  }
  const below = decode(values[first]);
  // A copy: the values of the file may be shared by an alias.
  const copy = isMap(below) ? { ...below } : {};
  values[first] = copy;
  setAt(copy, rest, value);
}

/** `pulumi config set jupyterhub:docker.host` without `--path` makes a key that nothing reads. */
export function oneWordProblem(name: string, owner: KeyOwner) {
  const steps = stepsOf(name);
  return {
    key: `${owner.project}:${name}`,
    expected: `${steps.slice(1).join(".")} below the key ${steps[0] ?? ""}`,
    got: "a single key, as set without --path",
    fix:
      `Set it with: ${setCommand(owner, steps, undefined)}, and remove this one with: ` +
      removeCommand(owner, [name]),
  };
}

function asOneWord(name: string, owner: KeyOwner): StackFileError {
  const { key, expected, got, fix } = oneWordProblem(name, owner);
  return new StackFileError(`${key}: expected ${expected}, got ${got}.`, fix);
}

/** With encrypted values, `{secure: …}`, marked. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(hidden);
  }
  if (!isMap(value)) {
    return value;
  }
  const entries = Object.entries(value);
  if (entries.length === 1 && typeof value["secure"] === "string") {
    return new Encrypted();
  }
  return Object.fromEntries(entries.map(([name, below]) => [name, hidden(below)]));
}
