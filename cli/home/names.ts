/** Names of people as the hub has them in names of volumes and folders. */
import { createHash } from "node:crypto";

import { escapedName } from "../../config/values/volume-names";

/** Characters that a name may have in either; file systems take 255. As in the hub's `servers/object_names.py`. */
const LONGEST = 200;

/** Bytes of a whole volume's name. */
const LONGEST_VOLUME = 255;

function bounded(escaped: string, mark: string, name: string): string {
  if (escaped.length <= LONGEST) {
    return escaped;
  }
  return `${escaped.slice(0, LONGEST - 66)}${mark}${createHash("sha256").update(name).digest("hex")}`;
}

/** In a volume's name: what is no small letter or digit is `-` and the hexadecimal digits of its bytes. */
export const volumeName = escapedName;

/** `template` with a person in the place of `{username}`, shortened where it would be too long for a folder. */
export function personal(template: string, name: string): string {
  const text = template.replaceAll("{username}", volumeName(name));
  if (text.split("/").every((part) => part.length <= LONGEST_VOLUME)) {
    return text;
  }
  const digest = createHash("sha256").update(name).digest("hex");
  return template.replaceAll("{username}", `${volumeName(name).slice(0, 62)}--${digest}`);
}

/** Whose volume it is, by the template of the volumes' names; undefined where it is none of these, or was shortened. */
export function personOfVolume(template: string | undefined, volume: string): string | undefined {
  const [before, after] = template?.split("{username}") ?? [];
  if (before === undefined || after === undefined || !volume.startsWith(before) || !volume.endsWith(after)) {
    return undefined;
  }
  const escaped = volume.slice(before.length, volume.length - after.length);
  const bytes = [...escaped.matchAll(/-([0-9a-f]{2})|[a-z0-9]/g)].map(([text, hex]) =>
    hex === undefined ? text.charCodeAt(0) : Number.parseInt(hex, 16),
  );
  const user = Buffer.from(bytes).toString();
  return personal(template ?? "", user) === volume ? user : undefined;
}

/** As a folder: what is not of `A-Za-z0-9_.-`, and a dot or hyphen at the beginning, is `%` and two hexadecimal digits. */
export function folderName(name: string): string {
  const escaped = [...Buffer.from(name)]
    .map((byte, at) => {
      const character = String.fromCharCode(byte);
      const plain = /[A-Za-z0-9_.-]/.test(character) && (at > 0 || /[^.-]/.test(character));
      return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
  return bounded(escaped, "%~", name);
}

/** Whose folder it is; a shortened name, which cannot be read back, as it is. */
export function personOfFolder(folder: string): string {
  if (folder.includes("%~")) {
    return folder;
  }
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}
