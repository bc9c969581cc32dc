/** Random text. All choices come from the operating system's random source. */
import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface TextRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

/** Puts a list in random order (Fisher-Yates). */
function shuffle<T>(items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

function pick(from: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)] ?? "");
}

/**
 * @returns as many characters as asked for: the least number of each class, the rest from all classes together, in random
 *   order
 */
export function randomText(rules: TextRules): string {
  const special = Array.from(rules.overrideSpecial || SPECIAL);
  const classes: [boolean, readonly string[], number][] = [
    [rules.special, special, rules.minSpecial],
    [rules.lower, Array.from(LOWER), rules.minLower],
    [rules.upper, Array.from(UPPER), rules.minUpper],
    [rules.numeric, Array.from(NUMERIC), rules.minNumeric],
  ];
  const all = classes.flatMap(([used, characters]) => (used ? characters : []));
  const least = classes.flatMap(([, characters, minimum]) => pick(characters, minimum));
  return shuffle([...least, ...pick(all, rules.length - least.length)]).join("");
}
