/** Conversions between the plugin's properties and the Docker API. */
import type { Props } from "../lib/serve";

export const MIB = 1024 * 1024;

/** A map of texts; nothing when there is none. */
export function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries((value ?? {}) as Props).map(([key, text]) => [key, String(text)]));
}

/** `[{label, value}]` as the API has them. */
export function labelMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    ((value ?? []) as Props[]).map((entry) => [String(entry.label), String(entry.value)]),
  );
}

/** The API's labels as `[{label, value}]`, sorted. */
export function labelList(value: Record<string, string> | null | undefined): Props[] {
  return Object.entries(value ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, text]) => ({ label, value: text }));
}

export const texts = (value: unknown): string[] => ((value ?? []) as unknown[]).map(String);

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** Nanoseconds of a duration like `1m30s`; 0 for none. */
export function nanoseconds(value: unknown): number {
  const text = typeof value === "string" ? value : "";
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  }
  return Math.round(total);
}

/** A duration as Swarm services tell it: `1m` for `1m0s`. */
export const shortDuration = (value: number | null | undefined): string =>
  durationText(value).replace(/m0s$/, "m").replace(/h0m$/, "h");

/** A duration as Go prints it: `1m30s`, `1.5s`, `100ms`, `0s`. */
export function durationText(value: number | null | undefined): string {
  const total = value ?? 0;
  if (total === 0) {
    return "0s";
  }
  if (total < 1e9) {
    const unit = total < 1e3 ? "ns" : total < 1e6 ? "µs" : "ms";
    return `${String(total / (UNITS[unit] ?? 1))}${unit}`;
  }
  const hours = Math.floor(total / 36e11);
  const minutes = Math.floor((total % 36e11) / 6e10);
  const seconds = `${String((total % 6e10) / 1e9)}s`;
  return hours > 0
    ? `${String(hours)}h${String(minutes)}m${seconds}`
    : minutes > 0
      ? `${String(minutes)}m${seconds}`
      : seconds;
}

export const isDuration = (value: unknown): string | undefined =>
  value === "0" || DURATION.test(value as string) ? undefined : 'expected a duration such as "30s"';

export const atLeast =
  (least: number) =>
  (value: unknown): string | undefined =>
    (value as number) >= least ? undefined : `expected at least ${String(least)}`;

export const oneOf =
  (...allowed: readonly string[]) =>
  (value: unknown): string | undefined =>
    allowed.includes(value as string) ? undefined : `expected one of ${allowed.join(", ")}`;

export const matches =
  (pattern: RegExp, example: string) =>
  (value: unknown): string | undefined =>
    pattern.test(value as string) ? undefined : `expected something like ${example}`;

export const isBase64 = (value: unknown): string | undefined =>
  Buffer.from(value as string, "base64")
    .toString("base64")
    .replace(/=+$/, "") === (value as string).replace(/=+$/, "")
    ? undefined
    : "expected base64 text";

export const isAbsolutePath = (value: unknown): string | undefined =>
  (value as string).startsWith("/") ? undefined : "expected an absolute path";
