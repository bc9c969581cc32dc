/** Commands in messages: right when pasted into the shell that the person is looking at. */
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where `./up` and `./hub` note the folder that they were called from; whoever they start has it from them. */
export const CALLED_FROM = "JUPYTERHUB_CALLED_FROM";

const ROOT = resolve(__dirname, "..");

/** A word as a POSIX shell takes it, and fish; zsh takes one with `=` in front for a program. */
export const shellWord = (word: string): string =>
  /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+=,-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** A file of this checkout from the folder of the shell: by its name where that is the checkout, else by its path. */
export function fromShell(file: string, env: NodeJS.ProcessEnv = process.env): string {
  const folder = env[CALLED_FROM];
  return shellWord(folder === undefined || isRoot(folder) ? file : join(ROOT, file));
}

function isRoot(folder: string): boolean {
  try {
    return realpathSync(folder) === realpathSync(ROOT);
  } catch {
    // A folder that is gone, or that may not be read.
    return false;
  }
}

/** `./hub` or `./up`, as it is called from there. */
export const program = (name: "hub" | "up", env: NodeJS.ProcessEnv = process.env): string => {
  const file = fromShell(name, env);
  return file === name ? `./${name}` : file;
};
