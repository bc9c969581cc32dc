/**
 * Health checks that cost nearly nothing. Each run of one is a process that the engine starts in the container, about
 * 0.1 s of processor time, so runs are to be rare; but an update waits for the first success, and engines before 25.0
 * know one interval only. So the interval is short, and a run that is not the first repeats the check by itself for a
 * minute while it succeeds. Pure.
 */

/** Seconds that a run lasts while all is well. */
const LAST = 60;

/** Within this a run has ended, as the provider reads it back: 90s would be a difference at every run. */
export const TIMEOUT = "1m30s";

/** In memory, and gone with the container's next start; any user may write there, on a read-only file system too. */
const MARK = "/dev/shm/healthy";

/** A health check. The image needs a shell, `/bin/sh`. */
export interface Check {
  /** Words of a command, or one text for the shell. */
  readonly command: readonly string[] | string;
  /** Seconds from one to the next while it succeeds: more where it costs more. @default 5 */
  readonly every?: number;
}

/** The check as Docker takes it. The first success after a start or a failure is told at once, and so is a failure. */
export function patient({ command, every = 5 }: Check): string[] {
  const line = typeof command === "string" ? command : command.map(quoted).join(" ");
  return [
    "CMD-SHELL",
    `n=0; while ${line}; do [ -e ${MARK} ] || { : >${MARK}; exit 0; }; n=$((n+${every})); ` +
      `[ $n -lt ${LAST} ] || exit 0; sleep ${every}; done; rm -f ${MARK}; exit 1`,
  ];
}

/**
 * A check of a server of the hub's image: an answer over HTTP on this port of its container.
 *
 * @param path with a `/`, or an address for a proxy
 */
export function answers(port: number, path: string, status = 200): Check {
  return { command: ["answers", String(port), path, String(status)] };
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
