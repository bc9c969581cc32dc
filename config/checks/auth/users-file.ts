/** The file with people: a line each, `name` or `name admin`. */
import { describeValue, formatKey, type ConfigError } from "../../errors";
import type { ParseContext } from "../../parse";
import { PERSON, USER_NAME } from "../../schema/key";
import type { AuthConfig } from "../../types";
import { readText, show } from "../check";

export interface People {
  readonly users: readonly string[];
  readonly admins: readonly string[];
}

/** Kinds whose names the hub itself makes up the rules for. */
const OWN_NAMES: ReadonlySet<AuthConfig["kind"]> = new Set(["shared-password", "native", "pam"]);

export function readUsersFile(
  kind: AuthConfig["kind"],
  file: string,
  context: ParseContext,
): People | { readonly errors: ConfigError[] } {
  const text = readText(["auth", "usersFile"], file, context);
  if (typeof text !== "string") return { errors: [text] };
  const pattern = OWN_NAMES.has(kind) ? USER_NAME : PERSON;
  const users: string[] = [];
  const admins: string[] = [];
  const errors: ConfigError[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [name, role, ...rest] = line.replace(/#.*/, "").split(/\s+/).filter(Boolean);
    if (name === undefined) continue;
    if (!pattern.test(name) || (role !== undefined && role !== "admin") || rest.length > 0) {
      errors.push({
        key: formatKey(context.project, ["auth", "usersFile"]),
        expected: "a user name on each line, and admin after it for an administrator",
        got: `${show(context, "auth", describeValue(line.trim()))} on line ${index + 1} of ${show(context, "auth", file)}`,
        fix: "Correct the line, or put a # before it.",
      });
    } else (role === "admin" ? admins : users).push(OWN_NAMES.has(kind) ? name : name.toLowerCase());
  }
  return errors.length > 0 ? { errors } : { users, admins };
}
