/** What is in a tar archive of a home: to prove that a copy is one. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract, type Headers, pack } from "tar-stream";

/** What the entries of an archive are, by name without `./` and slashes at the end: the home itself is "". */
export type Contents = ReadonlyMap<string, string>;

/** What an archive has in it. */
export interface Archive {
  readonly contents: Contents;
  /** Header of the home itself, where the archive has one. */
  readonly home: Headers | undefined;
}

/**
 * Reads an archive to its end.
 *
 * @throws Error where it is none, or ends too early.
 */
export async function readArchive(archive: Readable): Promise<Archive> {
  const contents = new Map<string, string>();
  let home: Headers | undefined;
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const hash = createHash("sha256");
    stream.on("data", (chunk: Buffer) => hash.update(chunk));
    stream.on("error", next);
    stream.on("end", () => {
      const name = plainName(header.name);
      contents.set(name, describe(header, hash.digest("hex")));
      if (name === "") {
        home = header;
      }
      next();
    });
  });
  await pipeline(archive, reader);
  return { contents, home };
}

const plainName = (name: string): string =>
  name
    .replace(/^(\.?\/)+/, "")
    .replace(/\/+$/, "")
    .replace(/^\.$/, "");

/** Kind, owner, mode, size, target and content. */
function describe({ type, mode, uid, gid, size, linkname }: Headers, digest: string): string {
  // The engine writes the kind of file into the mode as well.
  const permissions = (mode ?? 0) & 0o7777;
  const target = type === "link" && linkname ? plainName(linkname) : (linkname ?? "");
  return [type, `${uid ?? 0}:${gid ?? 0}`, permissions.toString(8), size ?? 0, target, digest].join(" ");
}

/** An archive with the folder `name` alone: unpacked over one, it sets owner, mode and time. */
export async function folderArchive(name: string, { mode, uid, gid, mtime }: Headers): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  archive.entry({ name, type: "directory", mode, uid, gid, mtime });
  archive.finalize();
  return whole;
}

/** Names whose entries differ, or that only one of both has. */
export function differences(one: Contents, other: Contents): string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((name) => one.get(name) !== other.get(name))
    .map((name) => (name === "" ? "the home itself" : name))
    .sort();
}
