/** The random provider: values that are made once and then kept in the state. */
import { isDeepStrictEqual } from "node:util";

import {
  type CheckFailure,
  hasUnknown,
  type PropertyDiff,
  type Props,
  type ProviderDefinition,
  type ResourceDefinition,
  UNKNOWN,
} from "../lib/serve";
import { type Input, type RandomResource, randomResources } from "./resources";

/** The version of the plugin that this one stands in for. */
export const VERSION = "4.21.2";

const tests: Record<Input["type"], { expected: string; test: (value: unknown) => boolean }> = {
  integer: { expected: "a whole number", test: Number.isSafeInteger },
  boolean: { expected: "true or false", test: (value) => typeof value === "boolean" },
  string: { expected: "a string", test: (value) => typeof value === "string" },
  keepers: {
    expected: "a map of strings",
    test: (value) => typeof value === "object" && !Array.isArray(value),
  },
};

function checkInput(urn: string, name: string, input: Input, value: unknown): string | undefined {
  if (value === UNKNOWN) {
    return undefined;
  }
  if (value === undefined || value === null) {
    return input.required
      ? `Missing required argument. The argument "${name}" is required, but no definition was found. ` +
          `Examine values at '${urn.split("::").at(-1) ?? ""}.${name}'.`
      : undefined;
  }
  const { expected, test } = tests[input.type];
  if (!test(value)) {
    return `expected ${expected}, got ${JSON.stringify(value)}`;
  }
  return input.least !== undefined && (value as number) < input.least
    ? `Attribute ${name} value must be at least ${input.least}, got: ${value as number}`
    : undefined;
}

/** `number` is the old name of `numeric`: what one says holds for both. */
function withDefaults(inputs: Readonly<Record<string, Input>>, given: Props): Props {
  const complete: Props = {};
  for (const [name, input] of Object.entries(inputs)) {
    const other = name === "number" ? given.numeric : name === "numeric" ? given.number : undefined;
    const value = given[name] ?? other ?? input.default;
    if (value !== undefined) {
      complete[name] = value;
    }
  }
  return complete;
}

/** Keepers without a value do not count. */
function comparable(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const entries = Object.entries(value).filter(([, keeper]) => keeper !== null && keeper !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function diffKeepers(older: Props, newer: Props): Record<string, PropertyDiff> {
  const diff: Record<string, PropertyDiff> = {};
  for (const key of [...new Set([...Object.keys(older), ...Object.keys(newer)])].sort()) {
    if (isDeepStrictEqual(older[key], newer[key]) && newer[key] !== UNKNOWN) {
      continue;
    }
    const kind = key in older ? (key in newer ? "UPDATE_REPLACE" : "DELETE_REPLACE") : "ADD_REPLACE";
    diff[/^[A-Za-z_]\w*$/.test(key) ? `keepers.${key}` : `keepers[${JSON.stringify(key)}]`] = { kind };
  }
  return diff;
}

function diffInput(name: string, older: unknown, newer: unknown): Record<string, PropertyDiff> {
  if (!hasUnknown(newer) && isDeepStrictEqual(older, newer)) {
    return {};
  }
  if (older === undefined) {
    return { [name]: { kind: "ADD_REPLACE" } };
  }
  if (newer === undefined) {
    return { [name]: { kind: "DELETE_REPLACE" } };
  }
  if (name === "keepers" && newer !== UNKNOWN) {
    return diffKeepers(older as Props, newer as Props);
  }
  return { [name]: { kind: "UPDATE_REPLACE" } };
}

function definition({ inputs, outputs, check, make }: RandomResource): ResourceDefinition {
  return {
    check({ urn, news }) {
      const failures: CheckFailure[] = Object.entries(inputs).flatMap(([name, input]) => {
        const reason = checkInput(urn, name, input, news[name]);
        return reason === undefined ? [] : [{ property: name, reason }];
      });
      if (failures.length === 0 && !hasUnknown(news)) {
        failures.push(...(check?.(withDefaults(inputs, news)) ?? []));
      }
      return Promise.resolve({ inputs: news, failures });
    },

    // Everything replaces: a random value that has changed is another value.
    diff({ olds, news, ignoreChanges }) {
      const newer = withDefaults(inputs, news);
      const detailedDiff: Record<string, PropertyDiff> = {};
      for (const name of Object.keys(inputs)) {
        // The old name `number` would only say the same thing twice.
        if (ignoreChanges.includes(name) || name === "number") {
          continue;
        }
        Object.assign(detailedDiff, diffInput(name, comparable(olds[name]), comparable(newer[name])));
      }
      const paths = Object.keys(detailedDiff);
      if (paths.length === 0) {
        return Promise.resolve({ changes: "DIFF_NONE" });
      }
      const heads = [...new Set(paths.map((path) => /^\w+/.exec(path)?.[0] ?? path))];
      return Promise.resolve({ changes: "DIFF_SOME", replaces: heads, diffs: heads, detailedDiff });
    },

    create({ inputs: given, preview }) {
      const complete = withDefaults(inputs, given);
      if (preview) {
        const unknown = Object.fromEntries(outputs.map((name) => [name, UNKNOWN]));
        return Promise.resolve({ id: "", outputs: { ...complete, ...unknown } });
      }
      const made = make(complete);
      return Promise.resolve({ id: made.id, outputs: { ...complete, ...made.outputs } });
    },

    read({ id, inputs: given, state }) {
      if (state && outputs.every((name) => name in state)) {
        return Promise.resolve({ id, inputs: given ?? {}, state });
      }
      throw new Error("this resource cannot be imported: its value is nowhere but in a state");
    },

    update: ({ olds, news }) => Promise.resolve({ outputs: { ...olds, ...withDefaults(inputs, news) } }),

    delete: () => Promise.resolve(),
  };
}

export function randomProvider(): ProviderDefinition {
  return {
    name: "random",
    version: VERSION,
    acceptResources: true,
    supportsPreview: true,
    supportsAutonamingConfiguration: true,
    diffConfig: () => Promise.resolve({ changes: "DIFF_UNKNOWN" }),
    configure: () => Promise.resolve(),
    resources: Object.fromEntries(
      Object.entries(randomResources).map(([token, resource]) => [token, definition(resource)]),
    ),
    secretOutputs: {
      "random:index/randomBytes:RandomBytes": ["base64", "hex"],
      "random:index/randomPassword:RandomPassword": ["bcryptHash", "result"],
    },
  };
}
