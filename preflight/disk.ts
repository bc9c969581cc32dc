import { statfs } from "node:fs/promises";

/** Free space that a Docker host has to have: the hub's and the notebook image take about this much, once. */
export const NEEDED_BYTES = 1024 ** 3;

/** The message for a disk with too little left, or undefined when there is enough. */
export function diskProblem(folder: string, freeBytes: number): string | undefined {
  if (freeBytes >= NEEDED_BYTES) {
    return undefined;
  }
  const left = Math.floor(freeBytes / 1024 ** 2);
  return (
    `The Docker host's disk is full: expected at least 1024 MiB free in ${folder}, got ${left} MiB. ` +
    "See what uses the space with: docker system df   (and free unused images with: docker image prune)"
  );
}

/** Bytes free in a folder of this machine for ordinary users, or undefined where that cannot be told. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
