/** Names of people in names of volumes, read back: what the hub has written into `{username}` of a template. */

const PLACE = "{username}";

/** As the hub escapes names: small letters and digits, and of all other bytes `-` and two hexadecimal digits. */
const ESCAPED = /^(?:[a-z0-9]|-[0-9a-f]{2})+$/;

/**
 * The person whose volume has this name, by the template.
 *
 * @returns undefined for a name that the template makes of nobody's, and for one that is shortened with a hash
 */
export function personIn(template: string, volume: string): string | undefined {
  const [before = "", after] = template.split(PLACE);
  if (after === undefined || !volume.startsWith(before) || !volume.endsWith(after)) {
    return undefined;
  }
  const escaped = volume.slice(before.length, volume.length - after.length);
  if (!ESCAPED.test(escaped)) {
    return undefined;
  }
  const bytes = [...escaped.matchAll(/-(?<hex>..)|(?<plain>.)/g)].map(({ groups }) => {
    const { hex, plain = "" } = groups ?? {};
    return hex === undefined ? plain.charCodeAt(0) : Number.parseInt(hex, 16);
  });
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
  // `-61` is an `a` that nobody writes so.
  return escapedName(name) === escaped ? name : undefined;
}

/** A name as it is in the name of a volume. */
export function escapedName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `-${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}

/** Whether some person's escaped name begins so. */
export const mayBeginPerson = (text: string): boolean =>
  /^(?:[a-z0-9]|-[0-9a-f]{2})*(?:-[0-9a-f]?)?$/.test(text);
