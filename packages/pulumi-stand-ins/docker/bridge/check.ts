/** Check: defaults, generated names, required and unknown properties, types and value rules. */
import { createHash, randomBytes } from "node:crypto";

import type { Autonaming, CheckFailure, Props } from "../../lib/serve";
import { type Field, isObject, isUnknown, isZero, type Shape } from "./shape";

/** Where the bridge keeps which properties the program did not give. The engine hides it from users. */
export const DEFAULTS = "__defaults";

export interface Checked {
  inputs: Props;
  failures: CheckFailure[];
}

/**
 * The inputs with defaults filled in, as the bridge would store them, and what is wrong with them.
 *
 * @param autoName whether `name` is made from the resource's name and seven random hex digits when it is not given.
 */
export function check(
  shape: Shape,
  request: { urn: string; news: Props; olds?: Props; randomSeed?: Uint8Array; autonaming?: Autonaming },
  autoName: boolean,
): Checked {
  const resourceName = request.urn.slice(request.urn.lastIndexOf("::") + 2);
  const failures: CheckFailure[] = [];
  const inputs = checkObject(shape, request.news, "", resourceName, failures);
  if (autoName && inputs.name === undefined) {
    const name = keptName(request.olds) ?? newName(resourceName, request.randomSeed, request.autonaming);
    if (name !== undefined) {
      inputs.name = name;
      inputs[DEFAULTS] = [...(inputs[DEFAULTS] as string[]), "name"].sort();
    }
  }
  const missing = Object.entries(shape).filter(
    ([name, field]) => field.required === true && inputs[name] === undefined,
  );
  failures.push(...missing.map(([name]) => missingArgument(name, resourceName)));
  return { inputs, failures };
}

/** True when the program chose the name itself, so that old and new cannot live side by side. */
export const nameIsFixed = (inputs: Props): boolean => {
  const defaults = inputs[DEFAULTS];
  return inputs.name !== undefined && Array.isArray(defaults) && !defaults.includes("name");
};

function keptName(olds: Props | undefined): unknown {
  return olds !== undefined && olds.name !== undefined && !nameIsFixed(olds) ? olds.name : undefined;
}

/**
 * `<name>-<7 hex digits>`; the same seed gives the same name, so that preview and update agree. The user's own pattern
 * (`pulumi:autonaming`) comes first, and may forbid automatic names.
 */
function newName(resourceName: string, seed?: Uint8Array, autonaming?: Autonaming): string | undefined {
  if (autonaming !== undefined) {
    return autonaming.mode === "DISABLE" ? undefined : autonaming.proposedName;
  }
  const digits =
    seed === undefined || seed.length === 0 ? randomBytes(32) : createHash("sha512").update(seed).digest();
  const suffix = [...digits.subarray(0, 7)].map((byte) => (byte % 16).toString(16)).join("");
  return `${resourceName}-${suffix}`;
}

/** The value of a field by its path from the resource: `mode.global`. */
function valueOf(path: string, root: Props): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), root);
}

function checkObject(
  shape: Shape,
  news: Props,
  path: string,
  resourceName: string,
  failures: CheckFailure[],
  root: Props = news,
): Props {
  const inputs: Props = {};
  const defaults: string[] = [];
  for (const [name, value] of Object.entries(news)) {
    if (name === DEFAULTS || value === undefined || value === null) {
      continue;
    }
    const at = path + name;
    const field = shape[name];
    if (field === undefined || field.output === true) {
      failures.push({
        property: at,
        reason: `Invalid or unknown key. Examine values at '${resourceName}.${at}'.`,
      });
      continue;
    }
    inputs[name] = checkValue(field, value, at, resourceName, failures, root);
    const rival = isZero(value)
      ? undefined
      : field.conflictsWith?.find((other) => !isZero(valueOf(other, root)));
    if (rival !== undefined) {
      failures.push({
        property: at,
        reason: `Conflicting configuration arguments. "${at}": conflicts with ${rival}.`,
      });
    }
  }
  for (const [name, field] of Object.entries(shape)) {
    if (inputs[name] !== undefined) {
      continue;
    }
    if (field.default !== undefined && !isZero(field.default)) {
      inputs[name] = field.default;
      defaults.push(name);
    } else if (path !== "" && field.required === true) {
      failures.push(missingArgument(path + name, resourceName));
    }
  }
  inputs[DEFAULTS] = defaults.sort();
  return inputs;
}

function checkValue(
  field: Field,
  value: unknown,
  at: string,
  resourceName: string,
  failures: CheckFailure[],
  root: Props,
): unknown {
  if (isUnknown(value)) {
    return value;
  }
  const fail = (reason: string): unknown => {
    failures.push({ property: at, reason: `${reason}. Examine values at '${resourceName}.${at}'.` });
    return value;
  };
  const typed = convert(field, value);
  if (typed === undefined) {
    return fail(`expected ${article(field)}, got ${describe(value)}`);
  }
  const problem = field.validate?.(typed);
  if (problem !== undefined) {
    return fail(problem);
  }
  const { of } = field;
  if (of === undefined) {
    return typed;
  }
  if (isObject(typed)) {
    return checkObject(of, typed, `${at}.`, resourceName, failures, root);
  }
  return (typed as unknown[]).map((item, index) =>
    isObject(item)
      ? checkObject(of, item, `${at}[${String(index)}].`, resourceName, failures, root)
      : checkValue({ kind: "block" }, item, `${at}[${String(index)}]`, resourceName, failures, root),
  );
}

/** The value in the field's type, or undefined where there is no honest conversion. */
function convert(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case "string":
      return typeof value === "string"
        ? value
        : typeof value === "number" || typeof value === "boolean"
          ? String(value)
          : undefined;
    case "int": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      return typeof number === "number" && Number.isInteger(number) ? number : undefined;
    }
    case "bool":
      return value === "true"
        ? true
        : value === "false"
          ? false
          : typeof value === "boolean"
            ? value
            : undefined;
    case "map":
    case "block":
      return isObject(value) ? value : undefined;
    case "list":
    case "set":
      return Array.isArray(value) ? value : undefined;
  }
}

const NOUNS: Record<Field["kind"], string> = {
  string: "a string",
  int: "a whole number",
  bool: "true or false",
  map: "an object of strings",
  block: "an object",
  list: "a list",
  set: "a list",
};
const article = (field: Field): string => NOUNS[field.kind];

/** The kind of a value, never the value: it may be a secret. */
const describe = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;

const missingArgument = (at: string, resourceName: string): CheckFailure => ({
  property: at,
  reason: `Missing required argument. The argument "${at}" is required, but no definition was found. Examine values at '${resourceName}.${at}'.`,
});
