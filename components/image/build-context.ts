/** Folders that images are built from, with the same modes wherever the checkout was made. */
import { chmodSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { join, relative, resolve } from "node:path";

/** Of what belongs to the project itself. Git keeps no more of a mode than whether a file can be run. */
const OWN = resolve("images");

/**
 * A build context, after its modes are settled.
 *
 * Modes are part of a context's digest and of the image: with a umask of 077 the same commit would give another image,
 * whose user could read nothing of what is copied. The project's own folders get the modes that a umask of 022 gives. A
 * folder of the stack in a checkout that is closed to others gets their right to read: nobody gains it but the image.
 * All else is left as it is, and so is what this user may not change: the project's Dockerfiles set modes as well.
 *
 * @param folder relative to the project
 * @returns the folder as it was given: it is part of the image's inputs
 */
export function buildContext(folder: string): string {
  const path = resolve(folder);
  if (isIn(path, OWN)) {
    settle(path, ({ mode }) => ((mode & 0o100) === 0 ? 0o644 : 0o755));
  } else if (isIn(path, resolve(".")) && isClosed(resolve("."))) {
    settle(path, ({ mode }) => (mode & 0o7777) | ((mode & 0o100) === 0 ? 0o044 : 0o055));
  }
  return folder;
}

const isIn = (path: string, parent: string): boolean => {
  const way = relative(parent, path);
  return way !== ".." && !way.startsWith("../");
};

function isClosed(folder: string): boolean {
  return (lstatSync(folder).mode & 0o007) === 0;
}

function settle(path: string, modeOf: (stat: Stats) => number): void {
  try {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) {
      return;
    }
    const wanted = modeOf(stat);
    if ((stat.mode & 0o7777) !== wanted) {
      chmodSync(path, wanted);
    }
    if (!stat.isDirectory()) {
      return;
    }
    for (const name of readdirSync(path)) {
      settle(join(path, name), modeOf);
    }
  } catch {
    // Not there, which the build will tell; or another user's, or read only.
  }
}
