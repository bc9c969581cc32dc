/** What notebooks may reach: each variant has its own list. */
import { formatKey, removeCommand } from "../errors";
import type { ParseContext } from "../context";
import type { CheckResult, Values } from "./check";

export function checkReach(
  { variant, egress, network }: Values,
  { project }: ParseContext,
): Partial<CheckResult> {
  const errors = [];
  if (variant === "single-host" && (egress?.allow.length ?? 0) > 0) {
    errors.push({
      key: formatKey(project, ["egress", "allow"]),
      expected: "no list: notebooks of a single-host stack reach the internet directly",
      got: "a list, which would close nothing",
      fix:
        `Remove it with: ${removeCommand(project, ["egress", "allow"])} ` +
        `(or close the stack with: pulumi config set ${project}:variant lockdown)`,
    });
  }
  if (variant === "lockdown" && (network?.allow.length ?? 0) > 0) {
    errors.push({
      key: formatKey(project, ["network", "allow"]),
      expected: "no list: in a lockdown, notebooks reach nothing directly",
      got: "a list",
      fix: `Remove it with: ${removeCommand(project, ["network", "allow"])} (names of hosts go into egress.allow)`,
    });
  }
  return { errors };
}
