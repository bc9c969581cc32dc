import { createRequire } from "node:module";

import { messageOf } from "../docker-api/errors";
import programs from "./programs.json";

/** Name of a program that Pulumi runs. */
export type TaskName = keyof typeof programs;

/** A program that Pulumi runs. What it needs is in the environment; what it prints is the resource's `stdout`. */
interface Task {
  /** @throws Error whose message is all that the person at the keyboard gets to see */
  run(args: readonly string[]): Promise<void>;
}

const load = createRequire(__filename);

/** Runs a program in this process. It fails with the exit code 1, and with 2 where there is none of this name. */
export async function runTask(name: string, args: readonly string[]): Promise<void> {
  if (!Object.hasOwn(programs, name)) {
    console.error(
      `tasks/run.cjs: expected one of ${Object.keys(programs).join(", ")}, got ${name || "nothing"}`,
    );
    process.exitCode = 2;
    return;
  }
  try {
    await (load(programs[name as TaskName]) as Task).run(args);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}
