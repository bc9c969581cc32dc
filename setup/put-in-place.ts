import { renameSync, rmSync } from "node:fs";

/**
 * Puts a folder where its place is. Two runs that make the same one may do so at once: what the faster one has put there
 * is kept, since nobody removes a folder that another program has begun to use.
 */
export function putInPlace(made: string, place: string): void {
  try {
    renameSync(made, place);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw error;
    }
    rmSync(made, { recursive: true, force: true });
  }
}
