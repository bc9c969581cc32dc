/** Keys that several kinds of login have. */
import { z } from "zod";

import { flag, HUB_REPLACED, key, type KeyDoc, secret, section, TAKEN_OVER } from "../key";
import { userName, userNames } from "../people";

/** A key of this section: a new value makes a new hub, and running servers go on. */
export const own = <T extends z.ZodType>(schema: T, doc: Omit<KeyDoc, "change">): T =>
  key(schema, { ...doc, change: HUB_REPLACED });

export const ownFlag = (description: string, otherwise = "`false`") =>
  flag({ description, change: HUB_REPLACED, example: true, otherwise }).optional();

/** A key that says who may log in, which a running hub takes over. */
const rule = (description: string) =>
  flag({ description, change: TAKEN_OVER, example: true, otherwise: "`false`" }).optional();

export const text = (doc: Omit<KeyDoc, "change">) => own(z.string().min(1), doc);

const WEB_ADDRESS = /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;

/** An `http://` or `https://` address without a query; a slash at its end is dropped. */
export const webAddress = (description: string, example: string) =>
  own(z.string().regex(WEB_ADDRESS), {
    description,
    expected: "an address that starts with https://, without a query",
    example,
  }).transform((value) => value.replace(/\/+$/, ""));

export const texts = (description: string, expected: string, example: readonly string[], pattern = /./) =>
  own(z.array(z.string().regex(pattern).meta({ expected, example: example[0] })), {
    description,
    expected: `a list: ${expected}`,
    example,
  });

type Names = typeof userNames;

/** Who may log in, by name. */
export const people = (names: Names = userNames) => ({
  users: names("People who may log in.", "alice"),
  admins: names("People who may log in and manage the hub. A name may be in both lists.", "admin"),
  ...moreRules(names),
});

/** What goes with lists of people. */
export const moreRules = (names: Names) => ({
  usersFile: key(z.string().min(1).optional(), {
    description:
      "File with more people, one a line: `name`, or `name admin` for an administrator. Empty lines and everything after " +
      "a `#` are ignored. Relative to the folder of `Pulumi.yaml`.",
    expected: "the path of a file with one name a line",
    example: "./userlist",
    otherwise: "no file",
    change: TAKEN_OVER,
  }),
  blocked: names(
    "People who may not log in, whatever else allows them. After the next `up` their sessions, tokens, roles and groups are gone, " +
      "and their servers are stopped.",
    "mallory",
  ).optional(),
  allowExistingUsers: rule(
    "Let in people whom the hub already knows: those whom an administrator added on its admin page, and those who were let " +
      "in by a rule before, but nobody who was removed from `users`, `admins` or `usersFile`. Somebody who is made an administrator on " +
      "the admin page stays one.",
  ),
});

/** For the kinds with a form for a name and a password. */
export const apiLogin = ownFlag(
  "Let the API issue tokens for a user name and password (`POST hub/api/users/NAME/tokens` with `auth` in the body). " +
    "Failed attempts count as on the login page.",
);

export const allowAll = rule("Let in everybody who can log in at the service.");

/** Groups as the login service names them. */
export const groups = (what: string, example: string) => ({
  allowedGroups: texts(`Groups whose members may log in: ${what}.`, what, [example]).optional(),
  adminGroups: texts(
    `Groups whose members may log in and manage the hub: ${what}. Nobody else is an administrator, except for \`admins\`.`,
    what,
    [example],
  ).optional(),
  manageGroups: ownFlag(
    "Take people's groups from the login service. Groups of the hub's own can't be used then.",
    "`true` with `allowedGroups` or `adminGroups`, else `false`",
  ),
});

/** A certificate authority that the hub's image does not know. */
export const caFile = own(z.string().min(1).optional(), {
  description:
    "PEM file with certificate authorities to trust for connections to the login service, in addition to the usual ones. " +
    "Relative to the folder of `Pulumi.yaml`.",
  expected: "the path of a PEM file with certificates",
  example: "./tls/university-ca.pem",
  otherwise: "the usual authorities only",
});

export const refreshAge = own(z.int().min(0).max(86_400).optional(), {
  description: "Seconds after which the groups and rights of a logged-in person are read again; 0 for never.",
  expected: "a whole number of seconds from 0 to 86400",
  example: 900,
  otherwise: "`300`",
});

/** How the way to the login service looks. */
export const button = {
  loginService: own(z.string().min(1).max(60).optional(), {
    description: "Name of the service on the login button.",
    expected: "a short name",
    example: "University of Example",
    otherwise: "the name of the kind",
  }),
  autoLogin: ownFlag("Skip the login page: people go straight to the service."),
};

/** User names from e-mail addresses. */
export const usernames = section(
  {
    fromEmail: ownFlag(
      "Make user names from e-mail addresses: lower case, without commas and spaces, `@` becomes `--` and `.` " +
        "becomes `-`, at most 31 characters. `Foo.Bar@mail.ch` becomes `foo-bar--mail-ch`. An address whose name another " +
        "address could have too (it contains a `-`, or is too long) gets a short hash: " +
        "`a-b@mail.ch` is `a-b_c5kxn3wq--mail-ch`. Names in `users`, `admins` and `blocked` may be written as addresses.",
    ),
    domains: texts(
      "E-mail domains with a `-` that need no hash, because nobody has an address in the domain with a `.` in place of the `-`.",
      "a domain",
      ["uni-example.org"],
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    ).optional(),
    map: own(z.record(z.string().min(1), userName("alice--example-org")).optional(), {
      description:
        "User names for single people, by their names at the service. No two people may get the same name.",
      expected: "a map from a name or an address to a user name",
      example: { "alice@old.example.org": "alice--example-org" },
      otherwise: "nobody",
    }),
  },
  {
    description: "How the login service's names become user names of the hub.",
    change: HUB_REPLACED,
    example: { fromEmail: true },
    otherwise: "the service's names, in lower case",
  },
).optional();

/** Keys of an application that is registered with a login service. */
export const application = {
  clientId: text({
    description: "Client id of the application that you registered with the login service.",
    expected: "the client id that the login service gave",
    example: "4ff1c8",
  }),
  clientSecret: secret({
    for: ["hub"],
    description: "Client secret of the application that you registered with the login service.",
    expected: "the client secret that the login service gave",
    example: "<the client secret>",
    change: HUB_REPLACED,
  }),
  logoutRedirect: webAddress(
    "Address that people are redirected to when they log out.",
    "https://sso.example.org/logout",
  ).optional(),
  refreshAge,
  caFile,
  ...button,
};
