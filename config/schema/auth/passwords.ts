/** Kinds of login whose passwords the hub itself checks, and the one without any. */
import { z } from "zod";
import { HUB_REPLACED, secret } from "../key";
import { accountNames, signUpNames, userNames } from "../people";
import { allowAll, apiLogin, button, flag, moreRules, own, people } from "./common";

export const sharedPassword = z.strictObject({
  kind: z.literal("shared-password"),
  users: userNames("Who may log in with the users' password.", "alice"),
  admins: userNames(
    "Who may log in with the admins' password and may manage the hub. A name may be in both lists.",
    "admin",
  ),
  ...moreRules(userNames),
  apiLogin,
});

export const native = z.strictObject({
  kind: z.literal("native"),
  users: signUpNames(
    "Names whose sign-up needs no approval. Whoever signs up first has the name: leave it empty where strangers reach the page.",
    "alice",
  ),
  admins: signUpNames(
    "Who may log in, manage the hub, and approve sign-ups at `/hub/authorize`. Their first password is generated: stack " +
      "output `adminPassword`. They change it at `/hub/change-password`.",
    "admin",
  ),
  ...moreRules(signUpNames),
  allowAll,
  signUp: own(z.enum(["approval", "open", "closed"]).optional(), {
    description:
      "Who may sign up. `approval`: everybody, and an administrator approves each. `open`: those in `users`, without " +
      "approval. `closed`: nobody; those who have an account go on.",
    expected: "one of approval, open, closed",
    example: "closed",
    otherwise: "`approval`",
  }),
  passwords: own(
    z
      .strictObject({
        minimumLength: own(z.int().min(8).max(72).optional(), {
          description: "Characters that a password has at least.",
          expected: "a whole number from 8 to 72",
          example: 12,
          otherwise: "`10`",
        }),
        refuseCommon: flag("Passwords of a list of the 10,000 most common ones are refused.", "`true`"),
      })
      .optional(),
    {
      description: "What passwords have to be like.",
      expected: "a map with the keys minimumLength, refuseCommon",
      example: { minimumLength: 12 },
      otherwise: "10 characters, none that is common",
    },
  ),
  lockout: own(
    z
      .strictObject({
        attempts: own(z.int().min(0).max(100).optional(), {
          description: "Wrong passwords in a row after which a name is locked; 0 for no lock.",
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
      })
      .optional(),
    {
      description:
        "When a name is locked after wrong passwords, whoever typed them: a stranger can so lock out an administrator. " +
        "`hub.loginLockout` counts each address apart, and is on by default.",
      expected: "a map with the keys attempts, seconds",
      example: { attempts: 3 },
      otherwise: "never",
    },
  ),
  askEmail: flag("Who signs up gives an e-mail address, for the administrators' eyes."),
  apiLogin,
  twoFactor: flag("Who signs up may choose a one-time code beside the password."),
});

/** `name:hash` on each line that is not empty. */
const ACCOUNTS = /^\s*([^\s:][^:\n]*:\$[A-Za-z0-9./$,=+_-]+\s*(\n\s*|$))+$/;

export const pam = z.strictObject({
  kind: z.literal("pam"),
  passwords: secret(
    {
      for: ["hub"],
      description:
        "Accounts, a line each: `name:hash`, with a hash as in `/etc/shadow`, from `openssl passwd -6` or `mkpasswd`. PAM " +
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
  autoLogin: flag("People get a server at once, without a click on a button.", "`true`"),
});
