/** The address of the Docker Engine. */
import { isIP } from "node:net";
import { formatKey } from "../errors";
import type { ParseContext } from "../parse";
import type { CheckResult, Values } from "./check";

/** Port 2375 is the Docker API without TLS: whoever reaches it is root on that host. */
export function checkDockerHost({ docker }: Values, context: ParseContext): Partial<CheckResult> {
  const host = /^tcp:\/\/(.*):2375$/.exec(docker?.host ?? "")?.[1];
  if (
    host === undefined ||
    host === "localhost" ||
    host === "[::1]" ||
    (isIP(host) === 4 && host.startsWith("127."))
  ) {
    return {};
  }
  const key = formatKey(context.project, ["docker", "host"]);
  return {
    warnings: [
      `${key}: the Docker API on port 2375 is neither encrypted nor protected: whoever reaches it rules the host. ` +
        "Use ssh://user@host.",
    ],
  };
}
