/** Comparing fields, in words. */

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (values: readonly unknown[]): string =>
  values.length === 0 ? "none" : values.map(String).join(", ");

/** One sentence where two sets are different: `networks: expected a, b, got a`. */
export function difference(field: string, wanted: readonly unknown[], found: readonly unknown[]): string[] {
  const [expected, got] = [wanted, found].map((values) => shown([...new Set(values)].sort()));
  return expected === got ? [] : [`${field}: expected ${expected}, got ${got}`];
}
