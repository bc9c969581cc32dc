/** What the checks of several keys have in common. */
import { type ConfigError, type Path, describeValue, formatKey, removeCommand } from "../errors";
import type { ParseContext } from "../context";
import type { HubConfig, VisibleValues } from "../types";

export interface CheckResult {
  readonly errors: ConfigError[];
  readonly warnings: string[];
  /** Values that come from more than their own key. */
  readonly derived: Partial<
    Pick<HubConfig<string>, "name" | "tls" | "auth" | "hubFiles" | "notebook" | "docker" | "database">
  >;
}

/** The values that passed the schema: a missing one has errors of its own already. */
export type Values = Partial<VisibleValues>;
export type Check = (values: Values, context: ParseContext) => Partial<CheckResult>;

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "which does not exist",
  ENOTDIR: "which does not exist",
  EACCES: "which may not be read",
  EPERM: "which may not be read",
  EISDIR: "which is a folder",
};

/** Text of the file that the value at `path` leads to, or the error. */
export function readText(path: Path, file: string, context: ParseContext): string | ConfigError {
  try {
    return context.readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const name = String(path[0]);
    const shown = show(context, name, describeValue(file));
    return {
      key: formatKey(context.project, path),
      expected: "a file that can be read",
      got: `${shown}, ${FILE_FAULTS[code] ?? `which cannot be read (${code})`}`,
      fix:
        FILE_FAULTS[code] === FILE_FAULTS["EACCES"]
          ? "Give the user who runs Pulumi the right to read it."
          : "Put the file there, or correct the path (relative to the folder of Pulumi.yaml).",
    };
  }
}

/** Names that are in a list more than once: two spellings of one are the same person. */
export function repeated(list: Path, names: readonly string[], context: ParseContext): ConfigError[] {
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    const path = [...list, index];
    return [
      {
        key: formatKey(context.project, path),
        expected: "every name once",
        got: show(context, String(list[0]), `${describeValue(name)} again`),
        fix: `Remove it with: ${removeCommand(context.project, path)}`,
      },
    ];
  });
}

/** `text` if it may be shown: values of a secret key may not. */
export function show(context: ParseContext, key: string, text: string): string {
  return context.secretKeys?.has(key) ? "a secret value" : text;
}
