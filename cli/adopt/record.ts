/** What was stopped for a stack, so that it can be started again: a file beside the states. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

import { SetupError } from "../../setup/errors";
import type { Machine } from "../../setup/machine";

const record = z.object({
  version: z.literal(1),
  /** In the order in which they were stopped. */
  containers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** The restart policy that it had: without one it stays stopped when the machine starts. */
      restart: z.object({ Name: z.string(), MaximumRetryCount: z.number().default(0) }),
    }),
  ),
});
export type AdoptionRecord = z.infer<typeof record>;

const fileOf = ({ root }: Machine, stack: string): string => join(root, ".state", "adopted", `${stack}.json`);

/** Undefined where nothing was stopped for the stack. */
export function readRecord(machine: Machine, stack: string): AdoptionRecord | undefined {
  const file = fileOf(machine, stack);
  if (!existsSync(file)) {
    return undefined;
  }
  try {
    return record.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new SetupError(
      `${file}: expected what ./hub adopt --stop wrote. Start the old containers by hand: docker start`,
    );
  }
}

export function writeRecord(machine: Machine, stack: string, content: AdoptionRecord): void {
  const file = fileOf(machine, stack);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(content, undefined, 2), { mode: 0o600 });
}

export function removeRecord(machine: Machine, stack: string): void {
  rmSync(fileOf(machine, stack), { force: true });
}
