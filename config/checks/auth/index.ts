/** How people log in, and who may. */
import { isCertificate } from "../../certificate";
import { describeValue, formatKey, type ConfigError, type Path } from "../../errors";
import type { ParseContext } from "../../context";
import type { AuthConfig } from "../../types";
import { readText, repeated, show, type CheckResult, type Values } from "../check";
import { checkAllowed } from "./allowed";
import { checkCombinations } from "./combinations";
import { readUsersFile } from "./users-file";

export function checkAuth({ auth }: Values, context: ParseContext): Partial<CheckResult> {
  if (!auth) return {};
  const errors: ConfigError[] = [...checkDuplicates(auth, context)];
  const complete = withFiles(auth, context, errors);
  // A file that could not be read says nothing of who may log in.
  if (errors.length > 0) return { errors };
  const allowed = checkAllowed(complete, context);
  const combinations = checkCombinations(complete, context);
  return {
    errors: [...allowed.errors, ...combinations.errors],
    warnings: [...allowed.warnings, ...combinations.warnings],
    derived: { auth: complete },
  };
}

/** The section with what is in the files that it names. */
function withFiles(auth: AuthConfig, context: ParseContext, errors: ConfigError[]): AuthConfig {
  let complete = auth;
  if ("usersFile" in auth && auth.usersFile !== undefined) {
    const people = readUsersFile(auth.kind, auth.usersFile, context);
    if ("errors" in people) errors.push(...people.errors);
    else {
      const merged = (list: "users" | "admins") => [...new Set([...auth[list], ...people[list]])];
      complete = { ...complete, users: merged("users"), admins: merged("admins") } as AuthConfig;
    }
  }
  if ("caFile" in auth && auth.caFile !== undefined) {
    const path: Path = ["auth", "caFile"];
    const pem = readText(path, auth.caFile, context);
    if (typeof pem !== "string") errors.push(pem);
    else if (!isCertificate(pem)) {
      errors.push({
        key: formatKey(context.project, path),
        expected: "a PEM file with certificates",
        got: `${show(context, "auth", describeValue(auth.caFile))}, which has none`,
        fix: "Put the certificate of the authority there, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
      });
    } else complete = { ...complete, caPem: pem };
  }
  return complete;
}

function checkDuplicates(auth: AuthConfig, context: ParseContext): ConfigError[] {
  const lists: Partial<Record<"users" | "admins" | "blocked", readonly string[]>> = {
    ...("users" in auth ? { users: auth.users, admins: auth.admins } : {}),
    ...("blocked" in auth && auth.blocked ? { blocked: auth.blocked } : {}),
  };
  return Object.entries(lists).flatMap(([list, names]) => repeated(["auth", list], names, context));
}
