/** Who may log in. */
import { describeValue, formatKey, removeCommand, setCommand } from "../errors";
import type { ParseContext } from "../parse";
import { show, type CheckResult, type Values } from "./check";

export function checkAuth({ auth }: Values, context: ParseContext): Partial<CheckResult> {
  if (!auth) return {};
  if (auth.users.length + auth.admins.length === 0) {
    const error = {
      key: formatKey(context.project, ["auth"]),
      expected: "at least one name in users or admins",
      got: "none, so that nobody could log in",
      fix: `Set it with: ${setCommand(context.project, ["auth", "users", 0], "alice")}`,
    };
    return { errors: [error] };
  }
  const errors = (["users", "admins"] as const).flatMap((list) =>
    auth[list].flatMap((name, index) => {
      if (auth[list].indexOf(name) === index) return [];
      const path = ["auth", list, index];
      return [
        {
          key: formatKey(context.project, path),
          expected: "every name once",
          got: show(context, "auth", `${describeValue(name)} again`),
          fix: `Remove it with: ${removeCommand(context.project, path)}`,
        },
      ];
    }),
  );
  return { errors };
}
