/** Files of containers: the engine hands them out as tar archives, also from containers that do not run. */
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { z } from "zod";

import type { Answer } from "./get";
import { parsed } from "./json";

/** Hands each file of an archive to `use`, which reads it to its end. */
export async function eachFile(
  archive: NodeJS.ReadableStream,
  use: (content: Readable, name: string) => Promise<void>,
): Promise<void> {
  const files = extract();
  files.on("entry", (header, content, next) => {
    use(content as Readable, header.name).then(() => {
      next();
    }, next);
  });
  await pipeline(archive, files);
}

/** Bytes of all files that are held in memory at once: whoever took over a hub can write more into its folders. */
const MOST = 64 * 2 ** 20;

/**
 * The contents of a container's file, or of all files of its folder.
 *
 * @throws the engine's 404 where there is no such container or path; Error where the files are too large to be read
 */
export async function filesOf(container: Docker.Container, path: string, most = MOST): Promise<string[]> {
  const contents: string[] = [];
  let left = most;
  const read = eachFile(await container.getArchive({ path }), async (content) => {
    const pieces: Buffer[] = [];
    for await (const piece of content as AsyncIterable<Buffer>) {
      left -= piece.length;
      if (left < 0) {
        return;
      }
      pieces.push(piece);
    }
    contents.push(Buffer.concat(pieces).toString());
  });
  await read.catch((error: unknown) => {
    // What is left in the middle is a premature end of the archive, too.
    if (left >= 0) {
      throw error;
    }
  });
  if (left < 0) {
    throw new Error(`${path} in the container has more than ${most} bytes`);
  }
  return contents;
}

/** A regular file of an archive. */
export interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

/** Bytes of a tar archive's blocks. */
const BLOCK = 512;

/** Regular files of an archive in memory, without what extends their headers (long names, times). */
export function entriesOf(tar: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8) || 0;
    const kind = tar.toString("latin1", at + 156, at + 157);
    const start = at + BLOCK;
    if (kind === "0" || kind === "\0") {
      const name = tar.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
      entries.push({ name, content: tar.subarray(start, start + size) });
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** What is known of a file in a container without its content. */
export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  readonly changed: Date;
}

/** From the answer to a HEAD of an archive; undefined where there is no such file. */
export function factsOf({ status, headers }: Answer): FileFacts | undefined {
  const text = headers["x-docker-container-path-stat"];
  if (status !== 200 || typeof text !== "string") {
    return undefined;
  }
  const found = stat.safeParse(parsed(Buffer.from(text, "base64").toString()));
  return found.success ? { size: found.data.size, changed: new Date(found.data.mtime) } : undefined;
}

const stat = z.object({ size: z.number(), mtime: z.string() });

/** Path of the API for the archive of a file or folder of a container. */
export const archivePath = (container: string, path: string): string =>
  `/containers/${encodeURIComponent(container)}/archive?path=${encodeURIComponent(path)}`;
