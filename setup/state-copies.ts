/** A state's file that cannot be read: of what copy to go on. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { program, shellWord } from "../config/commands";
import { messageOf, SetupError } from "./errors";

/** What Pulumi keeps in a state's file, as far as it matters here. */
export interface Checkpoint {
  readonly latest?: {
    readonly resources?: unknown;
    readonly pending_operations?: unknown;
    readonly secrets_providers?: { readonly state?: { readonly salt?: unknown } };
  } | null;
}

/** @throws Error where the file is cut off, or holds something else than a state */
export function readCheckpoint(file: string): Checkpoint {
  const bytes = readFileSync(file);
  const content: unknown = JSON.parse((/\.gz(\.bak)?$/.test(file) ? gunzipSync(bytes) : bytes).toString());
  const { checkpoint } = (content ?? {}) as { checkpoint?: unknown };
  if (typeof checkpoint !== "object" || checkpoint === null) {
    throw new Error("it holds no state of Pulumi's");
  }
  return checkpoint;
}

/**
 * The newest copy that can be read; undefined for none.
 * @param backups folder with those that Pulumi makes of each run
 */
export function newestCopy(file: string, backups: string): string | undefined {
  const older = (existsSync(backups) ? readdirSync(backups) : [])
    .filter((name) => /\.json(\.gz)?$/.test(name) && name.endsWith(".gz") === file.endsWith(".gz"))
    .map((name) => join(backups, name));
  return [`${file}.bak`, ...older]
    .filter((copy) => existsSync(copy))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .find((copy) => {
      try {
        readCheckpoint(copy);
        return true;
      } catch {
        return false;
      }
    });
}

/** What to do about a state's file that cannot be read. */
export function unreadable(stack: string, file: string, backups: string, error: unknown): SetupError {
  const problem = `State of stack "${stack}": expected JSON in ${file}, but ${messageOf(error)}`;
  const [up, name] = [program("up"), shellWord(stack)];
  const copy = newestCopy(file, backups);
  return copy === undefined
    ? new SetupError(
        problem,
        "There is no copy of it. To go on without it and take over what the Docker host has of the stack:",
        `  rm ${shellWord(file)} && ${up} ${name} --take-over`,
      )
    : new SetupError(
        problem,
        `Its newest copy is of ${statSync(copy).mtime.toISOString().slice(0, 19)}Z. To go on from that one:`,
        `  cp ${shellWord(copy)} ${shellWord(file)} && ${up} ${name}`,
      );
}
