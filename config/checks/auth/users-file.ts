/** The file with people: a line each, `name` or `name admin`. */
import { describeValue } from "../../errors";
import type { AuthConfig } from "../../types";
import { accountProblem, canonicalName, nameProblem, signUpProblem } from "../../values/names";
import { readText } from "../files";
import type { Report } from "../report";
import { own, words } from "../words";

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

/** The people of a file, or nothing where a line is refused. */
export function readUsersFile(kind: AuthConfig["kind"], file: string, report: Report): People | undefined {
  const path = ["auth", "usersFile"];
  const text = readText(report, path, file);
  if (text === undefined) {
    return undefined;
  }
  const problemOf = PROBLEMS[kind] ?? nameProblem;
  const users: string[] = [];
  const admins: string[] = [];
  let isRefused = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) {
      continue;
    }
    const { quoted, plain, role } = LINE.exec(line)?.groups ?? {};
    const name = canonicalName(quoted ?? plain ?? "");
    const problem = problemOf(name);
    if (problem === undefined && (role === undefined || role === "admin")) {
      (role === "admin" ? admins : users).push(name);
      continue;
    }
    isRefused = true;
    const why = problem !== undefined && (quoted !== undefined || plain !== undefined) ? problem : undefined;
    const shown = report.value(path, describeValue(line.trim()));
    report.refuse(path, words`one user name on each line, followed by admin for an administrator`, {
      got: words`${shown} on line ${own(index + 1)} of ${report.value(path, file)}${own(why === undefined ? "" : `: the name ${why}`)}`,
      fix: words`Correct the line, or put a # before it. Put names with spaces in quotes.`,
    });
  }
  return isRefused ? undefined : { users, admins };
}
