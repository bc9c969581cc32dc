/** Errors of configuration: what was expected, what was found, and the command that puts it right. */
import { program, shellWord } from "./commands";
import { withoutCredentials } from "./values/credentials";

export type Path = readonly (string | number)[];

/** One fault of the configuration. */
export interface ConfigError {
  /** The key with its namespace, as `jupyterhub:auth.users[0]`. */
  readonly key: string;
  readonly expected: string;
  readonly got: string;
  /** A sentence with the way out, mostly a command. */
  readonly fix: string;
}

export function formatError({ key, expected, got, fix }: ConfigError): string {
  return `${key}: expected ${expected}, got ${got}. ${fix}`;
}

/** All errors as one message. */
export function formatErrors(errors: readonly ConfigError[], stack: string): string {
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  const lines = errors.map((error) => `  - ${formatError(error)}`);
  return [`The configuration of stack "${stack}" has ${count}; nothing was changed.`, ...lines].join("\n");
}

/** A path as the Pulumi CLI reads it with `--path`. */
export function formatKey(project: string, path: Path): string {
  const [first = "", ...rest] = path;
  const steps = rest.map((step) =>
    typeof step === "number"
      ? `[${step}]`
      : /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)
        ? `.${step}`
        : `[${JSON.stringify(withoutCredentials(step))}]`,
  );
  return `${project}:${first}${steps.join("")}`;
}

/** A value for people: short, on one line, without what an address may hold of a login. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null || value === "") {
    return "nothing";
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  switch (typeof value) {
    case "string": {
      const shown = withoutCredentials(value);
      const text = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
      return JSON.stringify(text);
    }
    case "number":
      return `the number ${value}`;
    case "boolean":
      return String(value);
    default:
      return "a map";
  }
}

function keyArgument(project: string, path: Path): string {
  const key = formatKey(project, path);
  return path.length > 1 ? `--path '${key.replaceAll("'", "'\\''")}'` : shellWord(key);
}

export interface SetOptions {
  /** Keep the value encrypted. */
  readonly secret?: boolean;
  /** Keep text that looks like a number or a boolean as text. */
  readonly asText?: boolean;
}

/** Whose keys a command is about. It names the stack always: another one may be what `./hub` takes unasked. */
export interface KeyOwner {
  /** Namespace of the keys. */
  readonly project: string;
  readonly stack: string;
}

const configCommand = (action: "set" | "rm", { stack }: KeyOwner): string =>
  `${program("hub")} pulumi config ${action} --stack ${shellWord(stack)}`;

/** The command that sets a value; a list or a map takes one command for each of its values. */
export function setCommand(owner: KeyOwner, path: Path, value: unknown, options: SetOptions = {}): string {
  if (typeof value === "object" && value !== null) {
    const steps: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    const values = value as Record<string | number, unknown>;
    return steps.map((step) => setCommand(owner, [...path, step], values[step], options)).join(" && ");
  }
  const flags = `${options.secret ? "--secret " : ""}${options.asText ? "--type string " : ""}`;
  const text = String(value);
  const end = text.startsWith("-") ? "-- " : "";
  // Pulumi asks for a value that is left out: a secret does not belong into the shell's history.
  const given = options.secret || value === undefined ? "" : ` ${end}${shellWord(text)}`;
  return `${configCommand("set", owner)} ${flags}${keyArgument(owner.project, path)}${given}`;
}

export function removeCommand(owner: KeyOwner, path: Path): string {
  return `${configCommand("rm", owner)} ${keyArgument(owner.project, path)}`;
}

/** The known name that is nearest to `name`, unless all are more than `furthest` letters away. */
export function nearest(
  name: string,
  known: readonly string[],
  furthest = Math.max(2, Math.floor(name.length / 2)),
): string | undefined {
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** Levenshtein's distance: insertions, deletions and substitutions that turn one text into the other. */
function editDistance(a: string, b: string): number {
  // Names of keys are short; what is longer is no typing error, and would take long.
  if (Math.abs(a.length - b.length) > 64) {
    return Infinity;
  }
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
