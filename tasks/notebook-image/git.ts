/** Git on the machine that runs Pulumi: what a ref stands for, and a commit's files. */
import { execFile } from "node:child_process";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { withoutCredentials } from "../../config/values/credentials";

/** Full name of a commit. */
export const COMMIT = /^[0-9a-f]{40}$/;

/** Folder with a checkout for each commit. It is a cache: whatever is missing is fetched again. */
const CHECKOUTS = ".state/git";

async function git(args: readonly string[], cwd?: string): Promise<string> {
  // The files' modes are part of the build context: the same on every machine. Nobody is there to be asked anything.
  const shell = ["-c", 'umask 022 && exec git "$@"', "git", ...args];
  const options = { cwd, env: { ...process.env, GIT_TERMINAL_PROMPT: "0" }, maxBuffer: 64 * 1024 ** 2 };
  try {
    return (await promisify(execFile)("/bin/sh", shell, options)).stdout;
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    // Git's own settings (url.….insteadOf) may put a login into an address, and git shows it.
    // eslint-disable-next-line preserve-caught-error -- a cause would show it as well
    throw new Error(withoutCredentials(stderr.trim() || message));
  }
}

/** The commit in the output of `git ls-remote` for a ref: that of an annotated tag is behind its `^{}`. */
export function commitOf(listing: string, ref: string): string | undefined {
  const refs = new Map(
    listing
      .split("\n")
      .map((line) => line.split("\t"))
      .map(([commit = "", name = ""]) => [name, commit]),
  );
  const names = [ref, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`, `${ref}^{}`];
  return names.map((name) => refs.get(name)).find((commit) => commit !== undefined);
}

/**
 * The commit that a branch, tag or commit of a repository stands for.
 *
 * @throws Error when the repository can't be reached or has no such ref.
 */
export async function resolveRef(repository: string, ref: string): Promise<string> {
  if (COMMIT.test(ref)) {
    return ref;
  }
  const listing = await git(["ls-remote", "--", repository, ref, `${ref}^{}`]);
  const commit = commitOf(listing, ref);
  if (commit === undefined) {
    throw new Error(
      `${repository} has no branch or tag ${ref}. Name one that it has, or the 40 digits of a commit.`,
    );
  }
  return commit;
}

/**
 * A commit's files in a folder of their own, without the history.
 *
 * @returns the folder, relative to the project; it is the same wherever the program runs.
 * @throws Error when the repository can't be reached or has no such commit.
 */
export async function checkOut(repository: string, commit: string): Promise<string> {
  if (!COMMIT.test(commit)) {
    throw new Error(`expected a commit of ${repository}, got ${JSON.stringify(commit)}`);
  }
  const folder = join(CHECKOUTS, commit);
  if (await exists(folder)) {
    return folder;
  }
  const temporary = join(CHECKOUTS, `.${commit}-${process.pid}`);
  await mkdir(temporary, { recursive: true });
  try {
    await git(["init", "--quiet"], temporary);
    await git(["remote", "add", "origin", repository], temporary);
    // A server may not give single commits away: then all of it.
    await git(["fetch", "--quiet", "--depth", "1", "origin", commit], temporary).catch(() =>
      git(["fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"], temporary),
    );
    await git(["-c", "advice.detachedHead=false", "checkout", "--quiet", commit], temporary);
    await rm(join(temporary, ".git"), { recursive: true });
    // Another run may have been quicker; it has the same.
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) {
        throw error;
      }
    });
  } catch (error) {
    throw new Error(`commit ${commit} of ${repository} could not be fetched: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
