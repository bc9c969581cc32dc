/** The file with people: a line each, `name` or `name admin`. */
import { describeValue, formatKey, type ConfigError } from "../../errors";
import type { ParseContext } from "../../context";
import { accountProblem, canonicalName, nameProblem, signUpProblem } from "../../names";
import type { AuthConfig } from "../../types";
import { readText, show } from "../check";

export interface People {
  readonly users: readonly string[];
  readonly admins: readonly string[];
}

/** Kinds that can do less than the rule for names. */
const PROBLEMS: Partial<Record<AuthConfig["kind"], (name: string) => string | undefined>> = {
  native: signUpProblem,
  pam: accountProblem,
};

/** `name`, `name admin`, or the same with a name in quotes where it has blanks or a `#`. */
const LINE = /^\s*(?:"(?<quoted>[^"]*)"|(?<plain>[^\s"#]\S*))(?:\s+(?<role>[^\s#]\S*))?\s*(?:\s#.*)?$/;

export function readUsersFile(
  kind: AuthConfig["kind"],
  file: string,
  context: ParseContext,
): People | { readonly errors: ConfigError[] } {
  const text = readText(["auth", "usersFile"], file, context);
  if (typeof text !== "string") return { errors: [text] };
  const problemOf = PROBLEMS[kind] ?? nameProblem;
  const users: string[] = [];
  const admins: string[] = [];
  const errors: ConfigError[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const { quoted, plain, role } = LINE.exec(line)?.groups ?? {};
    const name = canonicalName(quoted ?? plain ?? "");
    const problem = problemOf(name);
    if (problem !== undefined || (role !== undefined && role !== "admin")) {
      const why = quoted !== undefined || plain !== undefined ? problem : undefined;
      errors.push({
        key: formatKey(context.project, ["auth", "usersFile"]),
        expected: "a user name on each line, and admin after it for an administrator",
        got:
          `${show(context, "auth", describeValue(line.trim()))} on line ${index + 1} of ${show(context, "auth", file)}` +
          (why === undefined ? "" : `: the name ${why}`),
        fix: "Correct the line, or put a # before it. A name with blanks is written in quotes.",
      });
    } else (role === "admin" ? admins : users).push(name);
  }
  return errors.length > 0 ? { errors } : { users, admins };
}
