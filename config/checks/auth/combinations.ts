/** Keys that need each other, or exclude each other. */
import { formatKey, removeCommand, setCommand, type ConfigError, type Path } from "../../errors";
import { canonicalName } from "../../names";
import type { ParseContext } from "../../context";
import type { AuthConfig } from "../../types";
import type { Findings } from "./allowed";

type Kind = AuthConfig["kind"];
type Of<K extends Kind> = Extract<AuthConfig, { kind: K }>;

/** The errors of one kind. */
class Report {
  readonly errors: ConfigError[] = [];
  readonly warnings: string[] = [];

  constructor(readonly project: string) {}

  missing(path: Path, expected: string, example: unknown, secret = false): void {
    this.#add(
      path,
      expected,
      "nothing",
      `Set it with: ${setCommand(this.project, path, example, { secret })}`,
    );
  }

  surplus(path: Path, expected: string, got: string): void {
    this.#add(path, expected, got, `Remove it with: ${removeCommand(this.project, path)}`);
  }

  #add(path: Path, expected: string, got: string, fix: string): void {
    this.errors.push({ key: formatKey(this.project, ["auth", ...path.slice(1)]), expected, got, fix });
  }

  warn(path: Path, text: string): void {
    this.warnings.push(`${formatKey(this.project, path)} ${text}`);
  }
}

const at = (...steps: (string | number)[]): Path => ["auth", ...steps];

function oidc(auth: Of<"oidc">, report: Report): void {
  const urls = ["authorizeUrl", "tokenUrl", "userdataUrl"] as const;
  const given = urls.filter((name) => auth[name] !== undefined);
  if (auth.issuer === undefined && given.length === 0) {
    report.missing(
      at("issuer"),
      "the address of a provider, or authorizeUrl, tokenUrl and userdataUrl",
      "https://sso.example.org",
    );
  } else if (auth.issuer !== undefined) {
    for (const name of given)
      report.surplus(at(name), "no address beside issuer, which gives them all", "one");
  } else {
    for (const name of urls.filter((one) => auth[one] === undefined)) {
      report.missing(
        at(name),
        "an address, since there is no issuer that gives it",
        `https://sso.example.org/${name}`,
      );
    }
  }
}

function ldap(auth: Of<"ldap">, report: Report): void {
  if (auth.bindDn === undefined && auth.search === undefined) {
    report.missing(at("bindDn"), "bindDn, or search", ["uid={username},ou=people,dc=example,dc=org"]);
  } else if (auth.bindDn !== undefined && auth.search !== undefined) {
    report.surplus(at("bindDn"), "one of bindDn and search", "both");
  }
  if (auth.search?.user !== undefined && auth.search.password === undefined) {
    report.missing(at("search", "password"), "the password of search.user", "<the password>", true);
  }
  if (auth.search?.password !== undefined && auth.search.user === undefined) {
    report.missing(
      at("search", "user"),
      "the DN that search.password belongs to",
      "cn=hub,dc=example,dc=org",
    );
  }
  if (auth.tls === "none") {
    report.warn(at("tls"), "is none: people's passwords cross the network in clear text.");
    if (auth.caFile !== undefined) report.surplus(at("caFile"), "no certificates without TLS", "a file");
  }
}

function google(auth: Of<"google">, report: Report): void {
  const wanted =
    [...(auth.allowedGroups ?? []), ...(auth.adminGroups ?? [])].length > 0 || auth.manageGroups === true;
  if (wanted && auth.groupsAccess === undefined) {
    report.missing(at("groupsAccess", "administrator"), "an account that may read groups", "admin");
  }
  if (auth.groupsAccess !== undefined && (auth.hostedDomains ?? []).length === 0) {
    report.missing(at("hostedDomains"), "the domains whose groups are read", ["example.org"]);
  }
}

function cilogon(auth: Of<"cilogon">, report: Report): void {
  for (const [id, idp] of Object.entries(auth.idps)) {
    if (idp.stripDomain !== undefined && idp.prefix !== undefined) {
      report.surplus(at("idps", id, "prefix"), "one of stripDomain and prefix", "both");
    }
  }
}

/** Two people with one name would be one person: same home, same server. */
function usernames(auth: AuthConfig, report: Report): void {
  if (!("usernames" in auth) || auth.usernames === undefined) return;
  const { domains = [], map = {}, fromEmail } = auth.usernames;
  if (domains.length > 0 && fromEmail !== true) {
    report.missing(at("usernames", "fromEmail"), "true, or domains does nothing", true);
  }
  const plain = domains.map((domain) => domain.replaceAll(".", "-"));
  domains.forEach((domain, index) => {
    const first = plain.indexOf(plain[index] ?? "");
    if (first < index) {
      report.surplus(
        at("usernames", "domains", index),
        "domains whose names differ in more than . and -",
        `${domain} beside ${domains[first] ?? ""}`,
      );
    }
  });
  const names = Object.entries(map);
  names.forEach(([person, name], index) => {
    const same = names.slice(0, index).find(([one]) => canonicalName(one) === canonicalName(person))?.[0];
    if (same !== undefined)
      report.surplus(at("usernames", "map", person), "every person once", `${same} again`);
    const other = names.slice(0, index).find(([, taken]) => taken === name)?.[0];
    if (other !== undefined) {
      report.surplus(at("usernames", "map", person), "a name that nobody else has", `that of ${other}`);
    } else if (Object.hasOwn(map, name) && map[name] !== name) {
      report.surplus(at("usernames", "map", person), "a name that is not mapped itself", `${name}, which is`);
    }
  });
}

export function checkCombinations(auth: AuthConfig, { project }: ParseContext): Findings {
  const report = new Report(project);
  usernames(auth, report);
  switch (auth.kind) {
    case "oidc":
      oidc(auth, report);
      break;
    case "ldap":
      ldap(auth, report);
      break;
    case "google":
      google(auth, report);
      break;
    case "cilogon":
      cilogon(auth, report);
      break;
    default:
  }
  return report;
}
