/** Durations as people write them: `30s`, `10m`, `8h`, `7d`, or a number of seconds. */

export const DURATION_PATTERN = /^[0-9]+(s|m|h|d)?$/;

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration in seconds, or undefined for what is none. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 ? value : undefined;
  }
  const found = /^([0-9]+)([smhd]?)$/.exec(value);
  return found ? Number(found[1]) * (SECONDS[found[2] ?? ""] ?? 1) : undefined;
}

/** Seconds in the largest unit that takes them whole: 3600 is `1h`. */
export function formatDuration(seconds: number): string {
  const [unit = "s", size = 1] =
    Object.entries(SECONDS)
      .filter(([name, length]) => name !== "" && seconds >= length && seconds % length === 0)
      .at(-1) ?? [];
  return `${seconds / size}${unit}`;
}
