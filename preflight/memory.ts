import { keyName, setKeyCommand } from "../config/keys";
import type { PlacedLimits } from "../config/limits";
import { formatSize } from "../config/values/size";

/** A limit of memory, and the configuration key that names it. */
export interface WantedMemory {
  readonly key: readonly (string | number)[];
  readonly bytes: number;
}

/** The limits of memory among all limits. */
export function wantedMemory(places: readonly PlacedLimits[]): WantedMemory[] {
  return places.flatMap(({ path, limits: { memory } }) =>
    memory === undefined ? [] : [{ key: [...path, "memory"], bytes: memory }],
  );
}

/** The message for a limit that the host's memory cannot meet. @param stack for the command that helps */
export function memoryProblem({ key, bytes }: WantedMemory, available: number, stack: string): string {
  const most = `${Math.floor(available / 1024 ** 2)}M`;
  return (
    `${keyName(key)}: expected no more than the Docker host's memory (${most}), got ${formatSize(bytes)}, which no server could ` +
    `get. Set it with: ${setKeyCommand(stack, key, most)}`
  );
}
