import type { TaskName } from "./main";

/**
 * The line by which a `command.local.Command` runs a program of this folder. It names one file, which stays where it is:
 * lines are kept in people's states, and run again from there when a resource goes.
 *
 * Node.js is wherever this program runs; a Docker client or a shell may not be.
 */
export function taskCommand(name: TaskName, ...args: readonly string[]): string {
  return ["node", "tasks/run.cjs", name, ...args].join(" ");
}
