/** Keys whose values are durations: seconds after parsing. */
import { z } from "zod";

import { DURATION_PATTERN, formatDuration, parseDuration } from "../values/duration";
import { key, type KeyDoc } from "./key";

/** A duration of at least `minimum` and at most `maximum` seconds. */
export function duration(minimum: number, maximum: number, doc: KeyDoc) {
  return key(allowed(minimum, maximum), documented(minimum, maximum, doc)).transform(seconds);
}

/** As `duration`, or `never`, which is null after parsing. */
export function durationOrNever(minimum: number, maximum: number, doc: KeyDoc) {
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

function documented(minimum: number, maximum: number, doc: KeyDoc): KeyDoc {
  const range = `from ${formatDuration(minimum)} to ${formatDuration(maximum)}`;
  return { ...doc, expected: `${doc.expected} ${range}, such as 90s, 10m, 8h or 7d` };
}

const seconds = (value: string | number): number => parseDuration(value) ?? -1;
