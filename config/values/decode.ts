/** Raw values of a stack, as they are written, as Pulumi hands them over, and as they are meant. Without zod. */

/**
 * Lists and maps arrive as JSON text; no value that is meant to be text starts with a bracket. An empty value is
 * none: Pulumi.yaml declares every key with one, since the CLI takes a key without a default for a required one.
 */
export function decode(value: unknown): unknown {
  const decoded = looksLikeJson(value) ? parseJson(value) : value;
  return decoded === "" || decoded === null || isEmptyMap(decoded) ? undefined : decoded;
}

export function looksLikeJson(value: unknown): value is string {
  return typeof value === "string" && /^\s*[[{]/.test(value);
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isEmptyMap(value: unknown): boolean {
  return isMap(value) && Object.keys(value).length === 0;
}
