/** Groups: somebody is in them, and nobody twice. */
import type { Report, Values } from "./report";
import { words } from "./words";

export function checkGroups({ groups = {} }: Values, report: Report): void {
  for (const [name, { members, fromLogin }] of Object.entries(groups)) {
    if (members.length > 0 || fromLogin) {
      continue;
    }
    report.refuse(
      ["groups", name],
      words`at least one name in members, or fromLogin if the login service assigns them`,
      {
        got: words`a group without members`,
        fix: words`Set it with: ${report.set(["groups", name, "members", 0], "alice")}`,
        or: words`${report.set(["groups", name, "fromLogin"], true)}`,
      },
    );
  }
  for (const [name, { members }] of Object.entries(groups)) {
    report.once(["groups", name, "members"], members);
  }
}
