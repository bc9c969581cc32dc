import { spawn } from "node:child_process";
import { constants } from "node:os";

import type { Cli } from "./cli";
import { SetupError } from "./errors";
import type { Machine } from "./machine";

/** How a run of pulumi ended. */
export interface Outcome {
  /** 128 + its number after a signal. */
  readonly code: number;
  /** Someone asked it to stop. */
  readonly interrupted: boolean;
}

/**
 * Runs pulumi with this terminal.
 *
 * Ctrl-C has to reach pulumi exactly once: a second one makes it give up what is under way. A terminal sends it to
 * pulumi too; without one pulumi gets a process group of its own and is told from here.
 *
 * @param note is told its process number once, and gives what is called at its end.
 */
export function runPulumi(
  machine: Machine,
  cli: Cli,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  note: (pid: number) => () => void = () => () => undefined,
): Promise<Outcome> {
  const hasTerminal = process.stdin.isTTY;
  const child = spawn(cli.path, args, {
    cwd: machine.root,
    env: { ...machine.env, ...env },
    stdio: "inherit",
    detached: !hasTerminal,
  });
  const forget = child.pid === undefined ? () => undefined : note(child.pid);
  let interrupted = false;
  const pass = (signal: NodeJS.Signals): void => {
    interrupted = true;
    if (signal !== "SIGINT" || !hasTerminal) {
      child.kill(signal);
    }
  };
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) {
    process.on(signal, pass);
  }
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      reject(new SetupError(`Pulumi CLI: ${cli.path} cannot be run (${error.message}).`));
    });
    child.on("close", (code, signal) => {
      forget();
      for (const name of signals) {
        process.off(name, pass);
      }
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 1), interrupted });
    });
  });
}
