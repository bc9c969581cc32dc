/** A build context: which files belong to it, its digest, and the archive that the engine gets. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import ignore from "@balena/dockerignore";
import { type Pack, pack } from "tar-stream";

/** The name under which a Dockerfile that lies outside of the context is sent. */
const OUTSIDE_NAME = ".dockerfile.pulumi";

interface Entry {
  /** Path from the context's root, with forward slashes. */
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly kind: "file" | "directory" | "symlink";
}

/**
 * SHA-256 over the Dockerfile and every file of the context that `.dockerignore` lets through: name, mode and content.
 * The same as the real plugin's, so that a stack that changes plugins rebuilds nothing.
 */
export async function contextDigest(context: string, dockerfile: string): Promise<string> {
  const total = createHash("sha256");
  const add = async (name: string, mode: string, path: string, kind: Entry["kind"]): Promise<void> => {
    const content = createHash("sha256");
    if (kind === "symlink") {
      content.update(normalize(relativeReal(context, await realpath(path))));
    } else if (kind === "file") {
      await pipeline(createReadStream(path), content);
    }
    total.update(name).update(mode).update(content.digest()).update(Buffer.of(0));
  };
  await add("Dockerfile", "----------", dockerfile, "file");
  for (const entry of await entries(context, dockerfile)) {
    if (entry.kind !== "directory") {
      await add(entry.name, modeText(entry), entry.path, entry.kind);
    }
  }
  return total.digest("hex");
}

/** Where a link leads, told the way the context was: relative contexts give relative paths. */
const relativeReal = (context: string, real: string): string =>
  isAbsolute(context) ? real : relative(process.cwd(), real);

/** The archive of a context, owned by root, and the Dockerfile's name in it. */
export function contextArchive(context: string, dockerfile: string): { archive: Pack; dockerfile: string } {
  const inside = relative(context, dockerfile);
  const outside = inside.startsWith(`..${sep}`) || isAbsolute(inside);
  const archive = pack();
  const fill = async (): Promise<void> => {
    for (const entry of await entries(context, dockerfile)) {
      await append(archive, entry);
    }
    if (outside) {
      const content = await readFile(dockerfile);
      archive.entry({ name: OUTSIDE_NAME, mode: 0o644 }, content);
    } else {
      // The engine needs both, whatever .dockerignore says; a second entry of the same name is the same file.
      await append(archive, await entryOf(context, slashes(inside)));
    }
    archive.finalize();
  };
  fill().catch((error: unknown) => {
    archive.destroy(error as Error);
  });
  return { archive, dockerfile: outside ? OUTSIDE_NAME : slashes(inside) };
}

async function append(archive: Pack, entry: Entry): Promise<void> {
  const header = { name: entry.name, mode: entry.mode & 0o7777, uid: 0, gid: 0 };
  if (entry.kind === "directory") {
    archive.entry({ ...header, type: "directory" });
  } else if (entry.kind === "symlink") {
    archive.entry({ ...header, type: "symlink", linkname: await readlink(entry.path) });
  } else {
    await pipeline(createReadStream(entry.path), archive.entry({ ...header, size: entry.size }));
  }
}

/** Every entry that is not ignored, each directory's in the order of their names. */
async function entries(context: string, dockerfile: string): Promise<Entry[]> {
  const patterns = await ignorePatterns(context, dockerfile);
  const filter = ignore().add(patterns);
  const found: Entry[] = [];
  const walk = async (directory: string): Promise<void> => {
    const names = (await readdir(join(context, directory))).sort();
    for (const name of names) {
      const entry = await entryOf(context, directory === "" ? name : `${directory}/${name}`);
      const kept = patterns.length === 0 || !filter.ignores(entry.name);
      if (kept) {
        found.push(entry);
      }
      // A later "!pattern" can let through what lies in an ignored directory.
      if (entry.kind === "directory" && (kept || patterns.some((pattern) => pattern.startsWith("!")))) {
        await walk(entry.name);
      }
    }
  };
  await walk("");
  return found;
}

async function entryOf(context: string, name: string): Promise<Entry> {
  const path = join(context, name);
  const stat = await lstat(path);
  const kind = stat.isSymbolicLink() ? "symlink" : stat.isDirectory() ? "directory" : "file";
  return { name, path, mode: stat.mode, size: stat.size, kind };
}

/** `<Dockerfile>.dockerignore` if there is one, else `.dockerignore` at the context's root. */
async function ignorePatterns(context: string, dockerfile: string): Promise<string[]> {
  for (const path of [`${dockerfile}.dockerignore`, join(context, ".dockerignore")]) {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return undefined;
      }
      throw error;
    });
    if (text !== undefined) {
      return text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));
    }
  }
  return [];
}

const slashes = (path: string): string => path.split(sep).join("/");

/** A mode as Go prints it: `-rw-r--r--`, `Lrwxrwxrwx`. */
function modeText({ mode, kind }: Entry): string {
  const special = [
    kind === "symlink" ? "L" : "",
    (mode & 0o4000) === 0 ? "" : "u",
    (mode & 0o2000) === 0 ? "" : "g",
    (mode & 0o1000) === 0 ? "" : "t",
  ].join("");
  const bits = "rwxrwxrwx".replace(/./g, (letter, index: number) =>
    (mode & (0o400 >> index)) === 0 ? "-" : letter,
  );
  return (special === "" ? "-" : special) + bits;
}
