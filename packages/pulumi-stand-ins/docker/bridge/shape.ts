/**
 * How a resource's properties look to the plugin: a table of fields, from which Check, Diff, previews and states follow.
 *
 * The real docker plugin is a Terraform provider behind a bridge. What a user sees of it (defaults, which change replaces,
 * what a refresh shows) follows from each field's flags, so these tables hold the flags and nothing else.
 */
import { type Props, UNKNOWN } from "../../lib/serve";

/** Words for the flags of a field, where many have them. */
export const REPLACES = true;
export const COMPUTED = true;
export const REQUIRED = true;

export type Scalar = string | number | boolean;

export interface Field {
  /** `list` and `set` hold strings unless `of` says otherwise; `block` is at most one nested object. */
  readonly kind: "string" | "int" | "bool" | "map" | "list" | "set" | "block";
  /** Fields of each element (`list`, `set`) or of the object (`block`). */
  readonly of?: Shape;
  readonly required?: boolean;
  /** The engine fills it where the program does not: leaving it out is no change. */
  readonly computed?: boolean;
  /** Output only: no input of this name. */
  readonly output?: boolean;
  /** A change replaces the resource. */
  readonly replaces?: boolean;
  readonly default?: Scalar;
  /** A block that the real plugin keeps as a set of at most one. */
  readonly single?: boolean;
  /** Stays null where others become empty. */
  readonly sparse?: boolean;
  /** Not to be given together with these, by their paths from the resource: `mode.global`. */
  readonly conflictsWith?: readonly string[];
  /** Says what is wrong with a known value; undefined when it is fine. */
  readonly validate?: (value: unknown) => string | undefined;
  /** True when the two values mean the same although they differ. */
  readonly same?: (older: unknown, newer: unknown) => boolean;
}

export type Shape = Readonly<Record<string, Field>>;

type Flags = Omit<Field, "kind" | "of">;

export const string = (flags: Flags = {}): Field => ({ kind: "string", ...flags });
export const int = (flags: Flags = {}): Field => ({ kind: "int", ...flags });
export const bool = (flags: Flags = {}): Field => ({ kind: "bool", ...flags });
export const map = (flags: Flags = {}): Field => ({ kind: "map", ...flags });
export const strings = (flags: Flags = {}): Field => ({ kind: "list", ...flags });
export const stringSet = (flags: Flags = {}): Field => ({ kind: "set", ...flags });
export const list = (of: Shape, flags: Flags = {}): Field => ({ kind: "list", of, ...flags });
export const set = (of: Shape, flags: Flags = {}): Field => ({ kind: "set", of, ...flags });
export const block = (of: Shape, flags: Flags = {}): Field => ({ kind: "block", of, ...flags });

/** A field that is null in every state. Check refuses a value for it, and says that `what` is not here. */
export const unsupported = (what: string, field: Field): Field => ({
  ...field,
  validate: () => `the stand-in for the docker plugin does not have ${what}`,
});

/** `labels` as every resource of the plugin has them: a set of pairs. */
export const labels = (flags: Flags = {}): Field =>
  set(
    { label: string({ required: true, replaces: true }), value: string({ required: true, replaces: true }) },
    flags,
  );

export const isUnknown = (value: unknown): boolean => value === UNKNOWN;

export const isObject = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Null, empty and zero are one and the same to the bridge. */
export function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  return isObject(value) && Object.keys(value).length === 0;
}

/** True when an unknown value is anywhere inside. */
export function holdsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(holdsUnknown);
  }
  return isObject(value) ? Object.values(value).some(holdsUnknown) : isUnknown(value);
}

/** A text that is equal for equal values of a field: zero values left out, sets sorted. */
export function canonical(field: Field, value: unknown): string {
  return JSON.stringify(reduce(field, value));
}

function reduce(field: Field, value: unknown): unknown {
  if (isUnknown(value)) {
    return { unknown: true };
  }
  if (isZero(value)) {
    return null;
  }
  const { of } = field;
  if (of && isObject(value)) {
    return reduceObject(of, value);
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (of && isObject(item) ? reduceObject(of, item) : item));
    return field.kind === "set" ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return value;
}

function reduceObject(shape: Shape, value: Props): Props {
  const reduced: Props = {};
  for (const [name, field] of Object.entries(shape)) {
    const inner = reduce(field, value[name] ?? field.default);
    if (inner !== null) {
      reduced[name] = inner;
    }
  }
  return reduced;
}
