import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * A name that is not of the stack and that name servers know: that of the package registry, as npm is set up on this machine.
 *
 * @returns a host name; one of those that are kept for examples where npm tells none
 */
export async function outsideName(): Promise<string> {
  const asked = await promisify(execFile)("npm", ["config", "get", "registry"]).catch(() => undefined);
  const registry = asked?.stdout.trim() ?? "";
  const hostname = URL.canParse(registry) ? new URL(registry).hostname : "";
  return /[a-z]$/i.test(hostname) ? hostname : "example.com";
}
