/** What a failed connection to an engine says of the section `docker`. */
import { tlsProblem } from "../docker-api/tls";
import { formatError } from "./errors";
import { keyName } from "./keys";

/**
 * The message with the key that is at fault and the way out; undefined where certificates are not the matter.
 * @param code of Node.js's error
 */
export function engineFault(host: string, code: string | undefined, detail: string): string | undefined {
  const problem = tlsProblem(host, code, detail);
  if (problem === undefined) {
    return undefined;
  }
  const { file, ...text } = problem;
  const path = ["docker", ...(file === undefined ? ["host"] : ["tls", file])];
  return formatError({ key: keyName(path), ...text });
}
