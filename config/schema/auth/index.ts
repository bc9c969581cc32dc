/** `auth`: how people log in, and who may. A file a family. */
import { z } from "zod";

import { HUB_REPLACED, key } from "../key";
import { ldap, lti13 } from "./directory";
import { azuread, cilogon, github, gitlab, google, oidc } from "./oauth";
import { anonymous, native, pam, sharedPassword } from "./passwords";

export const auth = key(
  z.discriminatedUnion("kind", [
    sharedPassword,
    native,
    github,
    gitlab,
    google,
    azuread,
    oidc,
    cilogon,
    ldap,
    pam,
    lti13,
    anonymous,
  ]),
  {
    description:
      "How people log in. `shared-password`: one generated password for all users, another for all admins. `native`: people " +
      "sign up at the hub, and an administrator approves them. `github`, `gitlab`, `google`, `azuread`, `cilogon`: at that " +
      "service. `oidc`: at any OAuth 2 or OpenID Connect provider. `ldap`: with the password of a directory. `pam`: with " +
      "passwords whose hashes are in the configuration. `lti13`: from a learning platform. `anonymous`: everybody gets a " +
      "temporary server. At least one rule has to let people in: a name in `users` or `admins`, a group, or `allowAll`.",
    expected: "a kind of login, and at least one name in users or admins",
    example: { kind: "shared-password", users: ["alice"], admins: ["admin"] },
    change: HUB_REPLACED,
  },
);
