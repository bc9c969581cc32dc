/** What notebooks may reach: each variant has its own list. */
import type { Report, Values } from "./report";
import { words } from "./words";

export function checkReach({ variant, egress, network }: Values, report: Report): void {
  if (variant === "single-host" && (egress?.allow.length ?? 0) > 0) {
    report.refuse(
      ["egress", "allow"],
      words`no list: notebooks of a single-host stack can reach the internet directly`,
      {
        got: words`a list, which would have no effect`,
        remove: true,
        or: words`close the stack with: ${report.set(["variant"], "lockdown")}`,
      },
    );
  }
  if (variant === "lockdown" && (network?.allow.length ?? 0) > 0) {
    report.refuse(["network", "allow"], words`no list: in a lockdown, notebooks reach nothing directly`, {
      got: words`a list`,
      remove: true,
      or: words`put host names into egress.allow`,
    });
  }
}
