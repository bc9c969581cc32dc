import type { AuthConfig } from "../../../config";
import type { ContainerFile } from "../../container";
import { sorted } from "../../sorted";

/** Where the hub finds the certificate authorities of `auth.caFile`. */
export const AUTH_CA_FILE = "/etc/jupyterhub/auth-ca.pem";

/** Lists whose order means nothing: written in another order they must not replace a hub. */
const SETS: ReadonlySet<string> = new Set([
  "users",
  "admins",
  "blocked",
  "allowedGroups",
  "adminGroups",
  "organizations",
  "projectIds",
  "hostedDomains",
  "clientIds",
  "domains",
  "allowedDomains",
]);

/** Files on the machine that runs Pulumi. */
const READ_ALREADY: ReadonlySet<string> = new Set(["usersFile", "caFile"]);

type Rendered<Auth> = Auth extends AuthConfig ? Omit<Auth, "caPem" | "usersFile"> : never;
/** The section of each kind of login. */
export type AuthSection = Rendered<AuthConfig>;

/**
 * Who may log in, and how: the section as it was written, secrets by their names. What is left out has its default in
 * `images/hub/jupyterhub_on_docker/config/auth.py`.
 */
export function renderAuth(auth: AuthConfig): AuthSection {
  const { caPem, ...section } = auth;
  const known = Object.entries(section).filter(([name]) => !READ_ALREADY.has(name));
  const caFile = caPem === undefined ? {} : { caFile: AUTH_CA_FILE };
  return rendered({ ...Object.fromEntries(known), ...caFile }) as AuthSection;
}

function rendered(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => rendered(item));
    return SETS.has(name) ? items.sort((a, b) => (String(a) < String(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const known = Object.entries(value).filter(([, item]) => item !== undefined);
  return sorted(Object.fromEntries(known.map(([key, item]) => [key, rendered(item, key)])));
}

/** Files that the hub needs for its login. */
export function authFiles(auth: AuthConfig): readonly ContainerFile[] {
  return auth.caPem === undefined ? [] : [{ path: AUTH_CA_FILE, content: auth.caPem }];
}
