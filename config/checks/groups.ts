/** Groups: somebody is in them, and nobody twice. */
import { formatKey, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { repeated, type CheckResult, type Values } from "./check";

export function checkGroups({ groups }: Values, context: ParseContext): Partial<CheckResult> {
  const { project } = context;
  const empty = Object.entries(groups ?? {}).filter(
    ([, { members, fromLogin }]) => members.length === 0 && !fromLogin,
  );
  const errors = empty.map(([name]) => ({
    key: formatKey(project, ["groups", name]),
    expected: "at least one name in members, or fromLogin where the login service names them",
    got: "a group without members",
    fix:
      `Set it with: ${setCommand(project, ["groups", name, "members", 0], "alice")}` +
      `   (or: ${setCommand(project, ["groups", name, "fromLogin"], true)})`,
  }));
  const twice = Object.entries(groups ?? {}).flatMap(([name, { members }]) =>
    repeated(["groups", name, "members"], members, context),
  );
  return { errors: [...errors, ...twice] };
}
