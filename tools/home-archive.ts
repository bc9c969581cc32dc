/** What is in a tar archive of a home: to prove that a copy is one. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Headers } from "tar-stream";

/** What the entries of an archive are, by name without `./` and slashes at the end: the home itself is "". */
export type Contents = ReadonlyMap<string, string>;

/**
 * Reads an archive to its end.
 *
 * @throws Error where it is none, or ends too early.
 */
export async function readContents(archive: Readable): Promise<Contents> {
  const contents = new Map<string, string>();
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const hash = createHash("sha256");
    stream.on("data", (chunk: Buffer) => hash.update(chunk));
    stream.on("error", next);
    stream.on("end", () => {
      contents.set(plainName(header.name), describe(header, hash.digest("hex")));
      next();
    });
  });
  await pipeline(archive, reader);
  return contents;
}

const plainName = (name: string): string =>
  name
    .replace(/^(\.?\/)+/, "")
    .replace(/\/+$/, "")
    .replace(/^\.$/, "");

/** Kind, owner, mode, target and content; times are left out where the engine sets them itself. */
function describe({ type, mode, uid, gid, size, linkname }: Headers, digest: string): string {
  const target = type === "link" && linkname ? plainName(linkname) : (linkname ?? "");
  return [type, `${uid ?? 0}:${gid ?? 0}`, (mode ?? 0).toString(8), size ?? 0, target, digest].join(" ");
}

/** Names whose entries differ, or that only one of both has. */
export function differences(one: Contents, other: Contents): string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((name) => one.get(name) !== other.get(name))
    .map((name) => (name === "" ? "the home itself" : name))
    .sort();
}
