/** Kinds of login whose passwords the hub itself checks, and the one without any. */
import { z } from "zod";

import { HUB_REPLACED, oneOf, secret, section } from "../key";
import { accountNames, signUpNames, userNames } from "../people";
import { allowAll, apiLogin, button, moreRules, own, ownFlag, people } from "./common";

export const sharedPassword = z.strictObject({
  kind: z.literal("shared-password"),
  users: userNames("People who may log in with the users' password.", "alice"),
  admins: userNames(
    "People who may log in with the admins' password and manage the hub. A name may be in both lists.",
    "admin",
  ),
  ...moreRules(userNames),
  apiLogin,
});

export const native = z.strictObject({
  kind: z.literal("native"),
  users: signUpNames(
    "Names that need no approval to sign up. Whoever signs up first gets the name: leave this empty if strangers can reach the page.",
    "alice",
  ),
  admins: signUpNames(
    "People who may log in, manage the hub, and approve sign-ups at `/hub/authorize`. Their first password is generated: stack " +
      "output `adminPassword`. They change it at `/hub/change-password`.",
    "admin",
  ),
  ...moreRules(signUpNames),
  allowAll,
  signUp: oneOf(["approval", "open", "closed"], {
    description:
      "Who may sign up. `approval`: everybody, and an administrator approves each. `open`: those in `users`, without " +
      "approval. `closed`: nobody; existing accounts keep working.",
    change: HUB_REPLACED,
    example: "closed",
    otherwise: "`approval`",
  }).optional(),
  passwords: section(
    {
      minimumLength: own(z.int().min(8).max(72).optional(), {
        description: "Minimum number of characters in a password.",
        expected: "a whole number from 8 to 72",
        example: 12,
        otherwise: "`10`",
      }),
      refuseCommon: ownFlag("Refuse the 10,000 most common passwords.", "`true`"),
    },
    {
      description: "Rules for passwords.",
      change: HUB_REPLACED,
      example: { minimumLength: 12 },
      otherwise: "at least 10 characters, and not a common password",
    },
  ).optional(),
  lockout: section(
    {
      attempts: own(z.int().min(0).max(100).optional(), {
        description: "Wrong passwords in a row after which a name is locked; 0 for never.",
        expected: "a whole number from 0 to 100",
        example: 3,
        otherwise: "`0`",
      }),
      seconds: own(z.int().min(1).max(86_400).optional(), {
        description: "Seconds that a name stays locked.",
        expected: "a whole number of seconds from 1 to 86400",
        example: 1800,
        otherwise: "`600`",
      }),
    },
    {
      description:
        "When a name is locked after wrong passwords, whoever typed them: a stranger can lock out an administrator this way. " +
        "`hub.loginLockout` counts each address separately, and is on by default.",
      change: HUB_REPLACED,
      example: { attempts: 3 },
      otherwise: "never",
    },
  ).optional(),
  askEmail: ownFlag("Ask for an e-mail address at sign-up; only administrators see it."),
  apiLogin,
  twoFactor: ownFlag("Let people add a one-time code to their password when they sign up."),
});

/** `name:hash` on each line that is not empty. */
const ACCOUNTS = /^\s*([^\s:][^:\n]*:\$[A-Za-z0-9./$,=+_-]+\s*(\n\s*|$))+$/;

export const pam = z.strictObject({
  kind: z.literal("pam"),
  passwords: secret(
    {
      for: ["hub"],
      description:
        "Accounts, one a line: `name:hash`, with a hash as in `/etc/shadow`, from `openssl passwd -6` or `mkpasswd`. PAM " +
        "in the hub's container checks passwords against them.",
      expected: "lines of name:hash, with hashes from openssl passwd -6",
      example: "alice:$6$Kx3dS0rM$0cC5fmm/rdjsEMzOAynXMrm4gn",
      change: HUB_REPLACED,
    },
    z.string().regex(ACCOUNTS),
  ),
  ...people(accountNames),
  allowAll,
  apiLogin,
});

export const anonymous = z.strictObject({
  kind: z.literal("anonymous"),
  ...button,
  autoLogin: ownFlag("Give people a server at once, without a click on a button.", "`true`"),
});
