/** Fields of loose records, such as the state's, and comparing them in words. */

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A record; an empty one for anything else. */
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});

/** A list; an empty one for anything else, since the provider leaves empty ones out. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The records of a list. */
export const entries = (value: unknown): readonly Fields[] => list(value).filter(isFields);

/** The texts of a list. */
export const texts = (value: unknown): readonly string[] =>
  list(value).filter((one) => typeof one === "string");

/** A text; an empty one for anything else. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

const shown = (values: readonly unknown[]): string =>
  values.length === 0 ? "none" : values.map(String).join(", ");

/** One sentence where two sets are different: `networks: expected a, b, got a`. */
export function difference(field: string, wanted: readonly unknown[], found: readonly unknown[]): string[] {
  const [expected, got] = [wanted, found].map((values) => shown([...new Set(values)].sort()));
  return expected === got ? [] : [`${field}: expected ${expected}, got ${got}`];
}
