/** How people log in, and who may. */
import type { AuthConfig } from "../../types";
import { readCertificates } from "../files";
import type { Report, Values } from "../report";
import { words } from "../words";
import { checkAllowed } from "./allowed";
import { checkCombinations } from "./combinations";
import { readUsersFile } from "./users-file";

export function checkAuth({ auth }: Values, report: Report): void {
  if (!auth) {
    return;
  }
  const before = report.errors.length;
  checkDuplicates(auth, report);
  const complete = withFiles(auth, report);
  // A file that could not be read says nothing of who may log in.
  if (report.errors.length > before) {
    return;
  }
  checkAllowed(complete, report);
  checkCombinations(complete, report);
  report.derive({ auth: complete });
}

/** The section with what is in the files that it names. */
function withFiles(auth: AuthConfig, report: Report): AuthConfig {
  let complete = auth;
  if ("usersFile" in auth && auth.usersFile !== undefined) {
    const people = readUsersFile(auth.kind, auth.usersFile, report);
    if (people !== undefined) {
      const merged = (list: "users" | "admins") => [...new Set([...auth[list], ...people[list]])];
      complete = { ...complete, users: merged("users"), admins: merged("admins") } as AuthConfig;
    }
  }
  if ("caFile" in auth && auth.caFile !== undefined) {
    const caPem = readCertificates(
      report,
      ["auth", "caFile"],
      auth.caFile,
      words`Put the certificate of the authority there, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.`,
    );
    if (caPem !== undefined) {
      complete = { ...complete, caPem };
    }
  }
  return complete;
}

function checkDuplicates(auth: AuthConfig, report: Report): void {
  const lists: Partial<Record<"users" | "admins" | "blocked", readonly string[]>> = {
    ...("users" in auth ? { users: auth.users, admins: auth.admins } : {}),
    ...("blocked" in auth && auth.blocked ? { blocked: auth.blocked } : {}),
  };
  for (const [list, names] of Object.entries(lists)) {
    report.once(["auth", list], names);
  }
}
