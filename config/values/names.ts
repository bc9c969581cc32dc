/**
 * What a user name may be, and what a group's: one rule for all kinds of login. Pure.
 *
 * The hub has the same one, in `names/rule.py`; `test/fixtures/names.json` is what both are held to.
 */

/** Characters: what the hub's database takes. */
const LONGEST = 255;

/** Characters with a meaning in a proxy's rules, in files and templates that names come into, or in paths. */
const REFUSED = '`"\\/{}';

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\p{Cc}/u, "a control character"],
  [/\p{Cf}/u, "an invisible format character"],
  [/\p{Cs}/u, "half of a surrogate pair"],
  [/\p{Co}/u, "a private-use character"],
  [/\p{Cn}/u, "a character that Unicode does not define"],
  [/\p{Zl}/u, "a line separator"],
  [/\p{Zp}/u, "a paragraph separator"],
];

/** What a user name is, in words for an error. */
export const USER_NAME_RULE =
  `1 to ${LONGEST} characters; no control or invisible ones, none of ` +
  '` " \\ / { }, no space at either end, not only dots';

/** As far as a pattern can say it, for editors. */
export const USER_NAME_PATTERN = `^(?!(\\.|%2[eE])+$)(?!\\s)[^\\p{C}\\p{Zl}\\p{Zp}\`"\\\\/{}]{1,${LONGEST}}(?<!\\s)$`;

/** The one spelling of a user name, as the hub has it: lower case, NFC. */
export function canonicalName(name: string): string {
  if (folding(name) !== undefined) {
    return name;
  }
  let before = "";
  let spelt = name;
  while (spelt !== before) {
    before = spelt;
    spelt = spelt.toLowerCase().normalize("NFC");
  }
  return spelt;
}

/** The one spelling of a group's name: NFC, with capitals and small letters as they are. */
export function composed(name: string): string {
  return folding(name) === undefined ? name.normalize("NFC") : name;
}

/** Why this, in its one spelling, can be nobody's user name, as the end of "it …". */
export function nameProblem(name: string): string | undefined {
  const refused = Array.from(name).find((character) => REFUSED.includes(character));
  return groupNameProblem(name) ?? (refused === undefined ? undefined : `contains the character ${refused}`);
}

/** Why this can be no group's name. */
export function groupNameProblem(name: string): string | undefined {
  if (name === "") {
    return "is empty";
  }
  const characters = Array.from(name);
  if (characters.length > LONGEST) {
    return `is longer than ${LONGEST} characters`;
  }
  for (const character of characters) {
    const kind = KINDS.find(([pattern]) => pattern.test(character));
    if (kind) {
      return `contains ${kind[1]} (${codePoint(character)})`;
    }
  }
  const letter = folding(name);
  if (letter !== undefined) {
    return `contains a letter that only looks like one of a-z or a symbol (${codePoint(letter)})`;
  }
  if (/^(\.|%2e)+$/i.test(name)) {
    return "consists only of dots";
  }
  if (name.trim() !== name) {
    return "begins or ends with a space";
  }
  if (name.normalize("NFC") !== name) {
    return "is not in Unicode's normal form (NFC)";
  }
  return undefined;
}

/**
 * Why somebody cannot sign up with this name at the hub itself: its pages have names in addresses as they are, and its
 * table takes 128 characters.
 */
export function signUpProblem(name: string): string | undefined {
  const problem = nameProblem(name);
  if (problem !== undefined) {
    return problem;
  }
  if (Array.from(name).length > 128) {
    return "is longer than 128 characters";
  }
  return /^[\p{L}\p{M}\p{N}._@+'~-]+$/u.test(name)
    ? undefined
    : "contains characters other than letters, digits and . _ @ + - ' ~";
}

/** A name from outside, as an engine's label, for a sentence: what a terminal would obey or hide is written out. */
export function shownName(name: string): string {
  const text = name.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}

/** Why this cannot be the name of a line `name:hash`. */
export function accountProblem(name: string): string | undefined {
  return nameProblem(name) ?? (name.includes(":") ? "contains a colon" : undefined);
}

/** The first character that lower case or NFC makes an ASCII one: another person's name would come out. */
function folding(name: string): string | undefined {
  return Array.from(name).find(
    (character) =>
      !isAscii(character) &&
      (isAscii(character.toLowerCase().normalize("NFC")) || isAscii(character.normalize("NFC"))),
  );
}

function isAscii(text: string): boolean {
  return Array.from(text).every((character) => character < "\u0080");
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
