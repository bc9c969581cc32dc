/** What a stack makes and says for each kind of login. */
import type * as pulumi from "@pulumi/pulumi";

import type { Credentials } from "../components/auth/credentials";
import type { AuthConfig } from "../config";
import { canonicalName } from "../config/values/names";
import type { LoginValues, Outputs } from "./outputs";

type Kind = AuthConfig["kind"];
type Password = "user" | "admin";
/** Outputs for those who register the hub at a login service, from the hub's address with a slash at its end. */
type Addresses = (
  url: string,
) => Pick<LoginValues, "callbackUrl" | "loginUrl" | "toolConfigurationUrl" | "signUpUrl">;

const oauth: Addresses = (url) => ({ callbackUrl: `${url}hub/oauth_callback` });

const LOGINS: {
  readonly [K in Kind]: { readonly passwords: readonly Password[]; readonly addresses?: Addresses };
} = {
  "shared-password": { passwords: ["user", "admin"] },
  native: { passwords: ["admin"], addresses: (url) => ({ signUpUrl: `${url}hub/signup` }) },
  github: { passwords: [], addresses: oauth },
  gitlab: { passwords: [], addresses: oauth },
  google: { passwords: [], addresses: oauth },
  azuread: { passwords: [], addresses: oauth },
  oidc: { passwords: [], addresses: oauth },
  cilogon: { passwords: [], addresses: oauth },
  ldap: { passwords: [] },
  pam: { passwords: [] },
  lti13: {
    passwords: [],
    addresses: (url) => ({
      loginUrl: `${url}hub/lti13/oauth_login`,
      callbackUrl: `${url}hub/lti13/oauth_callback`,
      toolConfigurationUrl: `${url}hub/lti13/config`,
    }),
  },
  anonymous: { passwords: [] },
};

/** Passwords that are generated for a kind of login. */
export function passwordsOf(kind: Kind): readonly Password[] {
  return LOGINS[kind].passwords;
}

/** Those passwords as secrets of the hub. */
export function passwordSecrets({
  userPassword,
  adminPassword,
}: Pick<Credentials, "userPassword" | "adminPassword">): Record<string, pulumi.Output<string>> {
  return {
    ...(userPassword && { user_password: userPassword }),
    ...(adminPassword && { admin_password: adminPassword }),
  };
}

/** Outputs that say how to get in. */
export function loginOutputs(
  auth: AuthConfig,
  url: string,
  { userPassword, adminPassword }: Pick<Credentials, "userPassword" | "adminPassword">,
): Outputs<LoginValues> {
  return {
    login: auth.kind,
    ...("users" in auth
      ? { users: notBlocked(auth.users, auth), admins: notBlocked(auth.admins, auth) }
      : {}),
    ...(userPassword && { userPassword }),
    ...(adminPassword && { adminPassword }),
    ...LOGINS[auth.kind].addresses?.(url),
  };
}

/** Names of a list, without those who may not log in whatever list they are in. */
function notBlocked(
  names: readonly string[],
  auth: { readonly blocked?: readonly string[] | undefined },
): string[] {
  const blocked = new Set(auth.blocked?.map(canonicalName));
  return names.filter((name) => !blocked.has(canonicalName(name)));
}
