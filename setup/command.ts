import { messageOf, SetupError } from "./errors";
import type { Machine } from "./machine";
import { searchPath } from "./machine";

/** Takes one line about what is going on. */
export type Say = (line: string) => void;

export interface CommandOptions {
  readonly machine: Machine;
  /** Receives each line that the program writes. */
  readonly say?: Say;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Given to the program on its standard input. */
  readonly input?: string;
  /** Seconds after which the program is ended. @default no limit */
  readonly timeout?: number;
}

/**
 * Runs a program to its end and returns its standard output.
 * @throws SetupError with the last lines that the program wrote.
 */
export async function run(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  // Only a machine on which something is missing runs programs: the others do not wait for this module.
  const { execa } = await import("execa");
  // What is installed and built is for others than root too, whatever umask a hardened system gives to root.
  const own = process.umask(0o022);
  const child = execa(file, args, {
    all: true,
    cwd: options.cwd ?? options.machine.root,
    env: { ...options.env, PATH: options.env?.PATH ?? searchPath(options.machine).join(":") },
    input: options.input ?? "",
    reject: false,
    timeout: options.timeout === undefined ? undefined : options.timeout * 1000,
  });
  process.umask(own);
  if (options.say) {
    for await (const line of child.iterable({ from: "all" })) {
      options.say(line);
    }
  }
  const result = await child;
  if (result.failed) {
    const end = result.timedOut
      ? `did not end within ${options.timeout ?? 0} s`
      : result.exitCode === undefined
        ? messageOf(result.cause ?? result.shortMessage)
        : `exited with code ${result.exitCode}`;
    const last = result.all.split("\n").filter((line) => line.trim() !== "");
    throw new SetupError(`${[file, ...args].join(" ").slice(0, 120)} ${end}.`, ...last.slice(-12));
  }
  return result.stdout;
}

/** Whether an address of the internet can be reached from here, asked for at most `seconds`. */
export async function isReachable(url: string, seconds = 5): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(seconds * 1000) });
    return answer.ok;
  } catch {
    return false;
  }
}
