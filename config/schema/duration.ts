/** Keys whose values are durations: seconds after parsing. */
import { z } from "zod";

import { DURATION_PATTERN, formatDuration, parseDuration } from "../values/duration";
import { key, type KeyDoc } from "./key";

/** What is said of a key; what is expected follows from its bounds. */
type DurationDoc = Omit<KeyDoc, "expected">;

/** A duration of at least `minimum` and at most `maximum` seconds. */
export function duration(minimum: number, maximum: number, doc: DurationDoc) {
  return key(allowed(minimum, maximum), documented(minimum, maximum, doc)).transform(seconds);
}

/** As `duration`, or `never`, which is null after parsing. */
export function durationOrNever(minimum: number, maximum: number, doc: DurationDoc) {
  const { expected, ...rest } = documented(minimum, maximum, doc);
  return key(z.union([z.literal("never"), allowed(minimum, maximum)]), {
    ...rest,
    expected: `${expected}, or never`,
  }).transform((value) => (value === "never" ? null : seconds(value)));
}

function allowed(minimum: number, maximum: number) {
  return z
    .union([z.string().regex(DURATION_PATTERN), z.int().min(minimum).max(maximum)])
    .refine((value) => seconds(value) >= minimum && seconds(value) <= maximum);
}

function documented(minimum: number, maximum: number, doc: DurationDoc): KeyDoc {
  const range = `from ${formatDuration(minimum)} to ${formatDuration(maximum)}`;
  return { ...doc, expected: `a time ${range}, such as 90s, 10m, 8h or 7d` };
}

const seconds = (value: string | number): number => parseDuration(value) ?? -1;
