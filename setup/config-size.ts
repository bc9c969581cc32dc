import { formatKey } from "../config/errors";
import { Encrypted, type StackFile } from "../config/stack-file";
import { SetupError } from "./errors";

/**
 * Bytes of configuration. Pulumi hands all of it to the program in one variable of the environment, of which Linux takes
 * 128 KiB with its name (MAX_ARG_STRLEN); a bit is left for secrets, whose length is not known here.
 */
const MOST = 124 * 1024;

/** How Pulumi writes the values: one text each, in JSON. */
function sizes({ values }: StackFile): { readonly key: string; readonly bytes: number }[] {
  return Object.entries(values).map(([key, value]) => {
    const text =
      value instanceof Encrypted || typeof value === "string" ? String(value) : JSON.stringify(value);
    return { key, bytes: Buffer.byteLength(JSON.stringify(text)) };
  });
}

/**
 * Pulumi itself would end with `argument list too long` or `spawn E2BIG`.
 * @param name of the file
 * @throws SetupError where there is too much of it
 */
export function refuseLargeConfig(content: StackFile, name: string): void {
  const all = sizes(content).sort((one, other) => other.bytes - one.bytes);
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  const [largest] = all;
  if (largest === undefined || bytes <= MOST) {
    return;
  }
  const kilobytes = (count: number): string => `${Math.ceil(count / 1024)} KiB`;
  throw new SetupError(
    `${name}: expected at most ${kilobytes(MOST)} of configuration, the most that Pulumi can pass to a program, got ${kilobytes(bytes)}.`,
    `${kilobytes(largest.bytes)} of it are in ${formatKey(content.project, [largest.key])}. Move what is long into files: many people, for example, into ${formatKey(content.project, ["auth", "usersFile"])}.`,
  );
}
