/** The schema as plain JSON Schema, to look things up in: for error messages, the editors' schema, the reference. */
import { z } from "zod";

import type { Path } from "./errors";
import { schema } from "./schema";
import type { SecretReader } from "./secrets";

/** The parts of JSON Schema that the configuration uses. */
export interface JsonSchema {
  /** A list where several plain types are taken. */
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly expected?: string;
  readonly change?: string;
  readonly example?: unknown;
  readonly otherwise?: string;
  readonly secret?: true;
  readonly readers?: readonly SecretReader[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

let cached: JsonSchema | undefined;

/** What an administrator may write. Made on first use: a valid configuration never needs it. */
export function configJsonSchema(): JsonSchema {
  cached ??= z.toJSONSchema(schema, { io: "input", target: "draft-7" }) as JsonSchema;
  return cached;
}

/** The kinds of a discriminated union; `undefined` for any other schema. */
export function kindsOf(node: JsonSchema): readonly JsonSchema[] | undefined {
  return node.oneOf?.every((option) => option.properties?.["kind"]?.const !== undefined)
    ? node.oneOf
    : undefined;
}

/** The option of a discriminated union that `value` chooses, or the schema itself. */
export function choose(node: JsonSchema, value: unknown): JsonSchema {
  const kind: unknown =
    typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  return kindsOf(node)?.find((option) => option.properties?.["kind"]?.const === kind) ?? node;
}

/** The schema of the value at `path`, if there is one; `value` is the whole configuration as given. */
export function schemaAt(path: Path, value: unknown): JsonSchema | undefined {
  let node: JsonSchema | undefined = configJsonSchema();
  for (const step of path) {
    if (node === undefined) {
      return undefined;
    }
    node = typeof step === "number" ? node.items : child(choose(node, value), step);
    value = valueAt([step], value);
  }
  return node;
}

function child(node: JsonSchema, name: string): JsonSchema | undefined {
  if (node.properties && Object.hasOwn(node.properties, name)) {
    return node.properties[name];
  }
  return typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
}

export function valueAt(path: Path, value: unknown): unknown {
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
