/** Whether somebody may log in, and not everybody by mistake. */
import type { AuthConfig } from "../../types";
import type { Report } from "../report";
import { own, words } from "../words";

/** Rules that some kinds have. */
interface MaybeRules {
  readonly allowedGroups?: readonly string[];
  readonly adminGroups?: readonly string[];
  readonly allowAll?: boolean;
}

const HAVE_GROUPS: ReadonlySet<AuthConfig["kind"]> = new Set([
  "github",
  "gitlab",
  "google",
  "azuread",
  "oidc",
  "ldap",
]);

const some = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) > 0;

/** Whether any rule lets anybody in. */
function hasAllowRule(auth: AuthConfig): boolean {
  if (auth.kind === "anonymous") {
    return true;
  }
  const byName = some(auth.users) || some(auth.admins) || auth.allowExistingUsers === true;
  const { allowedGroups, adminGroups, allowAll } = auth as MaybeRules;
  const byGroup = some(allowedGroups) || some(adminGroups);
  const all = allowAll === true;
  if (byName || byGroup || all) {
    return true;
  }
  switch (auth.kind) {
    case "github":
      return some(auth.organizations);
    case "gitlab":
      return some(auth.projectIds);
    case "cilogon":
      return Object.values(auth.idps).some((idp) => idp.allowAll === true || some(idp.allowedDomains));
    default:
      return false;
  }
}

/** Where everybody in the world can have an account, so that "everybody who can log in" is everybody. */
function openToTheWorld(auth: AuthConfig): { readonly why: string; readonly narrow: string } | undefined {
  if (!("allowAll" in auth) || auth.allowAll !== true) {
    return undefined;
  }
  switch (auth.kind) {
    case "native":
      return auth.signUp === "open"
        ? {
            why: "open sign-up: whoever finds the page would get a server",
            narrow: "signUp: approval",
          }
        : undefined;
    case "github":
      return (auth.url ?? "https://github.com") === "https://github.com"
        ? { why: "GitHub, where everybody can have an account", narrow: "organizations" }
        : undefined;
    case "gitlab":
      return (auth.url ?? "https://gitlab.com") === "https://gitlab.com"
        ? { why: "gitlab.com, where everybody can have an account", narrow: "allowedGroups" }
        : undefined;
    case "google":
      return some(auth.hostedDomains)
        ? undefined
        : { why: "Google, where everybody can have an account", narrow: "hostedDomains" };
    default:
      return undefined;
  }
}

export function checkAllowed(auth: AuthConfig, report: Report): void {
  if (!hasAllowRule(auth)) {
    report.refuse(
      ["auth"],
      words`at least one name in users or admins${own(HAVE_GROUPS.has(auth.kind) ? ", or a group" : "")}`,
      {
        got: words`none: nobody could log in`,
        fix: words`Set it with: ${report.set(["auth", "users", 0], "alice")}`,
      },
    );
  }
  if (auth.kind === "native" && !some(auth.admins)) {
    report.refuse(["auth", "admins"], words`at least one name: administrators have to approve sign-ups`, {
      got: words`none`,
      fix: words`Set it with: ${report.set(["auth", "admins", 0], "admin")}`,
    });
  }
  const open = openToTheWorld(auth);
  const allowAll = ["auth", "allowAll"];
  if (open) {
    report.refuse(allowAll, words`names, or ${own(open.narrow)}`, {
      got: words`true with ${own(open.why)}`,
      remove: true,
    });
  } else if (auth.kind === "native" && auth.allowAll === true) {
    report.warn(words`${report.key(allowAll)} has no effect: whoever is approved may log in.`);
  }
  if (auth.kind === "anonymous") {
    report.warn(
      words`${report.key(["auth"])} gives everybody who can reach the address a server without a password. Limit who can reach it, what a server may use, and how long it runs.`,
    );
  }
}
