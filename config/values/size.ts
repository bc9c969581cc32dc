/**
 * Sizes as Docker writes them: `350m`, `1G`, `1.5GiB`, `1073741824`.
 *
 * The base is 1024 whatever the spelling (`1G` = `1GB` = `1GiB` = 1,073,741,824 bytes), which is what
 * `docker run --memory` does. A number without a unit is bytes.
 */

const UNITS = ["b", "k", "m", "g", "t"] as const;

/** What a size may look like; also used in the JSON Schema, hence without flags. */
export const SIZE_PATTERN = /^[0-9]+(\.[0-9]+)?([kKmMgGtT][iI]?)?[bB]?$/;

/** Bytes of a size, rounded down; `undefined` if it is none or is too big to be counted exactly. */
export function parseSize(size: string | number): number | undefined {
  const text = String(size);
  if (!SIZE_PATTERN.test(text)) {
    return undefined;
  }
  const unit = /[kmgt]/.exec(text.toLowerCase())?.[0] ?? "b";
  const bytes = Math.floor(Number.parseFloat(text) * 1024 ** UNITS.indexOf(unit as (typeof UNITS)[number]));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact spelling of a number of bytes: `1073741824` is `1G`. */
export function formatSize(bytes: number): string {
  let unit = 0;
  while (unit < UNITS.length - 1 && bytes >= 1024 && bytes % 1024 === 0) {
    bytes /= 1024;
    unit += 1;
  }
  return unit === 0 ? String(bytes) : `${bytes}${UNITS[unit]?.toUpperCase() ?? ""}`;
}
