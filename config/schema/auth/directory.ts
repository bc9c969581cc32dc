/** Login against a directory, and from a learning platform. */
import { z } from "zod";

import { HUB_REPLACED, key, type KeyDoc, oneOf, secret, section } from "../key";
import {
  allowAll,
  apiLogin,
  button,
  caFile,
  groups,
  own,
  people,
  text,
  texts,
  usernames,
  webAddress,
} from "./common";

const port = (doc: KeyDoc) => key(z.int().min(1).max(65535).optional(), doc);

export const ldap = z.strictObject({
  kind: z.literal("ldap"),
  server: own(z.string().regex(/^[A-Za-z0-9.:-]+$/), {
    description: "Host name of the LDAP server, as in its certificate.",
    expected: "a host name, without ldap:// and port",
    example: "ldap.example.org",
  }),
  port: port({
    description: "TCP port of the LDAP server.",
    expected: "a port from 1 to 65535",
    example: 636,
    otherwise: "`636` with `tls: ldaps`, else `389`",
    change: HUB_REPLACED,
  }),
  tls: oneOf(["start-tls", "ldaps", "none"], {
    description:
      "How the connection is encrypted. `start-tls`: before the first request. `ldaps`: from the start. `none`: not at " +
      "all, so that passwords cross the network in clear text.",
    change: HUB_REPLACED,
    example: "ldaps",
    otherwise: "`start-tls`",
  }).optional(),
  caFile,
  ...people(),
  allowAll,
  apiLogin,
  bindDn: texts(
    "DNs that people log in with, tried in turn; `{username}` stands for what they typed. Without this key, `search` finds people.",
    "a DN with {username}",
    ["uid={username},ou=people,dc=example,dc=org"],
    /\{username\}/,
  ).optional(),
  search: section(
    {
      base: text({
        description: "DN below which people are searched for.",
        expected: "a DN",
        example: "ou=people,dc=example,dc=org",
      }),
      attribute: own(
        z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
          .optional(),
        {
          description: "Attribute that has to match what people typed.",
          expected: "the name of an attribute",
          example: "sAMAccountName",
          otherwise: "`uid`",
        },
      ),
      filter: own(
        z
          .string()
          .regex(/^\(.*\)$/)
          .optional(),
        {
          description: "LDAP filter that people also have to match.",
          expected: "an LDAP filter in parentheses",
          example: "(objectClass=inetOrgPerson)",
          otherwise: "none",
        },
      ),
      user: own(z.string().min(1).optional(), {
        description: "DN that the hub binds as for the search.",
        expected: "a DN",
        example: "cn=hub,ou=services,dc=example,dc=org",
        otherwise: "an anonymous search",
      }),
      password: secret({
        for: ["hub"],
        description: "Password of that DN.",
        expected: "the password of search.user",
        example: "<the password>",
        change: HUB_REPLACED,
      }).optional(),
    },
    {
      description: "How a person's DN is found. One of `bindDn` and `search` is needed.",
      change: HUB_REPLACED,
      example: { base: "ou=people,dc=example,dc=org" },
      otherwise: "no search",
    },
  ).optional(),
  groupMembers: oneOf(["member", "uniqueMember", "memberUid"], {
    description:
      "Attribute of a group that lists its members: their DNs, or with `memberUid` the names that they log in with.",
    change: HUB_REPLACED,
    example: "memberUid",
    otherwise: "`member`",
  }).optional(),
  ...groups("groups by their DNs", "cn=physics,ou=groups,dc=example,dc=org"),
  usernames,
});

export const lti13 = z.strictObject({
  kind: z.literal("lti13"),
  issuer: own(z.string().regex(/^https?:\/\/[^\s?#]+$/), {
    description: "Issuer of the learning platform, exactly as the platform states it.",
    expected: "the issuer that the platform states, an address",
    example: "https://moodle.example.org",
  }),
  authorizeUrl: webAddress(
    "Address of the platform's login (authentication request).",
    "https://moodle.example.org/mod/lti/auth.php",
  ),
  jwksUrl: webAddress(
    "Address of the platform's public keys.",
    "https://moodle.example.org/mod/lti/certs.php",
  ),
  clientIds: own(z.array(z.string().min(1).meta({ expected: "a client id", example: "Kq8p2" })).min(1), {
    description: "Client ids that the platform issued when you registered the hub as a tool.",
    expected: "a list of at least one client id",
    example: ["Kq8p2"],
  }),
  usernameKey: own(z.string().min(1).optional(), {
    description:
      "Claim with the user name; `custom_name` stands for the custom parameter `name`. Without the claim, `sub` is used.",
    expected: "the name of a claim",
    example: "custom_uname",
    otherwise: "`email`",
  }),
  ...people(),
  allowAll,
  loginService: button.loginService,
  usernames,
});
