/** What containers wrote. */
import { statusOf } from "./errors";

/** Whether the engine says that it keeps nothing of a log: its driver sends it elsewhere, and the cache of that is off. */
export const isElsewhere = (error: unknown): boolean => statusOf(error) === 501;

/** Without a terminal the engine puts eight bytes before each piece: stream, three zeros, length. */
export function demultiplex(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString();
}
