/** Keys that need each other, or exclude each other. */
import type { Path } from "../../errors";
import type { AuthConfig } from "../../types";
import { canonicalName } from "../../values/names";
import type { Report } from "../report";
import { own, words } from "../words";

type Kind = AuthConfig["kind"];
type Of<K extends Kind> = Extract<AuthConfig, { kind: K }>;

const at = (...steps: (string | number)[]): Path => ["auth", ...steps];

function oidc(auth: Of<"oidc">, report: Report): void {
  const urls = ["authorizeUrl", "tokenUrl", "userdataUrl"] as const;
  const given = urls.filter((name) => auth[name] !== undefined);
  if (auth.issuer === undefined && given.length === 0) {
    report.refuse(at("issuer"), words`the address of a provider, or authorizeUrl, tokenUrl and userdataUrl`, {
      set: "https://sso.example.org",
    });
  } else if (auth.issuer !== undefined) {
    for (const name of given) {
      report.refuse(at(name), words`no address together with issuer, which provides them all`, {
        got: words`one`,
        remove: true,
      });
    }
  } else {
    for (const name of urls.filter((one) => auth[one] === undefined)) {
      report.refuse(at(name), words`an address, since no issuer provides it`, {
        set: `https://sso.example.org/${name}`,
      });
    }
  }
}

function ldap(auth: Of<"ldap">, report: Report): void {
  if (auth.bindDn === undefined && auth.search === undefined) {
    report.refuse(at("bindDn"), words`bindDn, or search`, {
      set: ["uid={username},ou=people,dc=example,dc=org"],
    });
  } else if (auth.bindDn !== undefined && auth.search !== undefined) {
    report.refuse(at("bindDn"), words`one of bindDn and search`, { got: words`both`, remove: true });
  }
  if (auth.search?.user !== undefined && auth.search.password === undefined) {
    report.refuse(at("search", "password"), words`the password of search.user`, { set: "<the password>" });
  }
  if (auth.search?.password !== undefined && auth.search.user === undefined) {
    report.refuse(at("search", "user"), words`the DN that search.password is for`, {
      set: "cn=hub,dc=example,dc=org",
    });
  }
  if (auth.tls === "none") {
    report.warn(words`${report.key(at("tls"))} is none: people's passwords cross the network in clear text.`);
    if (auth.caFile !== undefined) {
      report.refuse(at("caFile"), words`no certificates, since TLS is off`, {
        got: words`a file`,
        remove: true,
      });
    }
  }
}

function google(auth: Of<"google">, report: Report): void {
  const wanted =
    [...(auth.allowedGroups ?? []), ...(auth.adminGroups ?? [])].length > 0 || auth.manageGroups === true;
  if (wanted && auth.groupsAccess === undefined) {
    report.refuse(at("groupsAccess", "administrator"), words`an account that may read groups`, {
      set: "admin",
    });
  }
  if (auth.groupsAccess !== undefined && (auth.hostedDomains ?? []).length === 0) {
    report.refuse(at("hostedDomains"), words`the domains whose groups are read`, {
      got: words`nothing`,
      set: ["example.org"],
    });
  }
}

function cilogon(auth: Of<"cilogon">, report: Report): void {
  for (const [id, idp] of Object.entries(auth.idps)) {
    if (idp.stripDomain !== undefined && idp.prefix !== undefined) {
      report.refuse(at("idps", id, "prefix"), words`one of stripDomain and prefix`, {
        got: words`both`,
        remove: true,
      });
    }
  }
}

/** Two people with one name would be one person: same home, same server. */
function usernames(auth: AuthConfig, report: Report): void {
  if (!("usernames" in auth) || auth.usernames === undefined) {
    return;
  }
  const { domains = [], map = {}, fromEmail } = auth.usernames;
  if (domains.length > 0 && fromEmail !== true) {
    report.refuse(at("usernames", "fromEmail"), words`true: without it, domains has no effect`, {
      set: true,
    });
  }
  const plain = domains.map((domain) => domain.replaceAll(".", "-"));
  domains.forEach((domain, index) => {
    const first = plain.indexOf(plain[index] ?? "");
    if (first < index) {
      const path = at("usernames", "domains", index);
      const other = report.value(at("usernames", "domains", first), domains[first]);
      report.refuse(path, words`domains whose names differ in more than . and -`, {
        got: words`${report.value(path, domain)}, which is too close to ${other}`,
        remove: true,
      });
    }
  });
  const names = Object.entries(map);
  names.forEach(([person, name], index) => {
    const path = at("usernames", "map", person);
    const same = names.slice(0, index).find(([one]) => canonicalName(one) === canonicalName(person))?.[0];
    if (same !== undefined) {
      report.refuse(path, words`every person once`, { got: words`${own(same)} again`, remove: true });
    }
    const other = names.slice(0, index).find(([, taken]) => taken === name)?.[0];
    if (other !== undefined) {
      report.refuse(path, words`a name that nobody else has`, {
        got: words`the name of ${own(other)}`,
        remove: true,
      });
    } else if (Object.hasOwn(map, name) && map[name] !== name) {
      report.refuse(path, words`a name that is not mapped itself`, {
        got: words`${report.value(path, name)}, which is`,
        remove: true,
      });
    }
  });
}

export function checkCombinations(auth: AuthConfig, report: Report): void {
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
}
