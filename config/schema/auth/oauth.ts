/** Login at a service that speaks OAuth 2 or OpenID Connect. */
import { z } from "zod";

import { anyText, HUB_REPLACED, oneOf, secret, section } from "../key";
import {
  allowAll,
  application,
  groups,
  own,
  ownFlag,
  people,
  text,
  texts,
  usernames,
  webAddress,
} from "./common";

const ORGANIZATION = /^[A-Za-z0-9][A-Za-z0-9-]*(:[A-Za-z0-9._-]+)?$/;
const TENANT = /^(?!(common|organizations|consumers)$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

export const github = z.strictObject({
  kind: z.literal("github"),
  url: webAddress(
    "Address of GitHub, or of your own GitHub Enterprise Server.",
    "https://github.example.org",
  ).optional(),
  ...application,
  ...people(),
  allowAll,
  organizations: texts(
    "Organisations whose members may log in, or their teams as `organisation:team`; both as in their addresses on GitHub.",
    "an organisation, or organisation:team",
    ["example-lab", "example-lab:admins"],
    ORGANIZATION,
  ).optional(),
  ...groups("teams as organisation:team", "example-lab:admins"),
});

export const gitlab = z.strictObject({
  kind: z.literal("gitlab"),
  url: webAddress(
    "Address of GitLab, or of your own GitLab server.",
    "https://gitlab.example.org",
  ).optional(),
  ...application,
  ...people(),
  allowAll,
  projectIds: own(
    z.array(z.int().min(1).meta({ expected: "a project's number", example: 4711 })).optional(),
    {
      description: "Numbers of projects whose members may log in, with the role Developer or higher.",
      expected: "a list of the numbers of projects",
      example: [4711],
      otherwise: "none",
    },
  ),
  ...groups("groups by their full paths", "physics/quantum"),
  usernames,
});

export const google = z.strictObject({
  kind: z.literal("google"),
  ...application,
  ...people(),
  allowAll,
  hostedDomains: texts(
    "Google Workspace domains that people have to belong to. With a single domain, user names leave it out.",
    "a domain",
    ["example.org"],
    /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  ).optional(),
  ...groups("groups by the part of their address before the @", "staff"),
  groupsAccess: section(
    {
      administrator: text({
        description: "Name (before the @) of the Workspace administrator that the service account acts for.",
        expected: "the name of an administrator, without the domain",
        example: "admin",
      }),
      serviceAccountKey: secret({
        for: ["hub"],
        description:
          "Key of a service account that may read groups (`admin.directory.group.readonly`): the JSON text from Google.",
        expected: "the JSON text of a service account's key",
        example: "<the JSON text>",
        change: HUB_REPLACED,
      }),
      nested: ownFlag("Members of nested groups count, too."),
    },
    {
      description: "How the hub reads people's groups. Needed for `allowedGroups` and `adminGroups`.",
      change: HUB_REPLACED,
      example: { administrator: "admin", serviceAccountKey: "<the JSON text>" },
      otherwise: "groups are not read",
    },
  ).optional(),
  usernames,
});

export const azuread = z.strictObject({
  kind: z.literal("azuread"),
  tenant: own(z.string().regex(TENANT), {
    description:
      "Your tenant in Microsoft Entra ID (Azure AD): its id or its domain. Not `common` or similar: in other tenants, " +
      "people can choose any name.",
    expected: "the id or the domain of your own tenant (not common, organizations or consumers)",
    example: "0b6b3c5e-3f0d-4a0e-8f2e-1d2c3b4a5f60",
  }),
  ...application,
  ...people(),
  allowAll,
  ...groups("groups by their object ids", "9a0f2f5c-95d2-4a0b-8a4e-0d9f3e1c7b21"),
  usernameClaim: oneOf(["unique_name", "upn", "email", "preferred_username", "name", "oid"], {
    description: "Claim of a person's token that becomes the user name.",
    change: HUB_REPLACED,
    example: "upn",
    otherwise: "`unique_name`",
  }).optional(),
  url: webAddress(
    "Address of the login service of a national cloud.",
    "https://login.microsoftonline.us",
  ).optional(),
  usernames,
});

export const oidc = z.strictObject({
  kind: z.literal("oidc"),
  issuer: webAddress(
    "Address of an OpenID Connect provider. Its discovery document at `/.well-known/openid-configuration` contains the other addresses.",
    "https://sso.example.org/realms/university",
  ).optional(),
  authorizeUrl: webAddress(
    "Authorization endpoint, for a provider without a discovery document.",
    "https://sso.example.org/authorize",
  ).optional(),
  tokenUrl: webAddress(
    "Token endpoint, for a provider without a discovery document.",
    "https://sso.example.org/token",
  ).optional(),
  userdataUrl: webAddress(
    "Userinfo endpoint, for a provider without a discovery document.",
    "https://sso.example.org/userinfo",
  ).optional(),
  ...application,
  ...people(),
  allowAll,
  ...groups("groups as in the claim that `groupsClaim` names", "physics"),
  scopes: own(
    z
      .array(
        z
          .string()
          .regex(/^[!#-[\]-~]+$/)
          .meta({ expected: "a scope", example: "openid" }),
      )
      .min(1)
      .optional(),
    {
      description: "Scopes that the hub requests.",
      expected: "a list of scopes",
      example: ["openid", "profile", "email", "groups"],
      otherwise: "`openid`, `profile`, `email`",
    },
  ),
  usernameClaim: own(z.string().min(1).optional(), {
    description: "Claim with the user name. The provider must not let people choose it freely.",
    expected: "the name of a claim",
    example: "email",
    otherwise: "`preferred_username`; with `usernames.fromEmail` it is `email`",
  }),
  groupsClaim: own(z.string().min(1).optional(), {
    description: "Claim with the list of a person's groups; dots separate the keys of nested maps.",
    expected: "the name of a claim",
    example: "realm_access.roles",
    otherwise: "`groups`",
  }),
  authorizeParameters: own(z.record(z.string().min(1), anyText).optional(), {
    description: "More parameters for the provider's login page.",
    expected: "a map of text values",
    example: { prompt: "select_account" },
    otherwise: "none",
  }),
  basicAuth: ownFlag(
    "Send the client id and secret in a header instead of the body when requesting a token.",
  ),
  usernames,
});

const idp = section(
  {
    usernameClaim: text({
      description: "Claim with the user name.",
      expected: "the name of a claim",
      example: "eppn",
    }),
    stripDomain: own(z.string().min(1).optional(), {
      description: "Domain that is removed from the user name.",
      expected: "a domain",
      example: "example.edu",
      otherwise: "none",
    }),
    prefix: own(
      z
        .string()
        .regex(/^[a-z0-9]+$/)
        .optional(),
      {
        description: "Prefix of user names, followed by a colon.",
        expected: "letters and digits",
        example: "google",
        otherwise: "none",
      },
    ),
    allowAll: ownFlag("Let in everybody from this provider."),
    allowedDomains: texts("Domains of user names that may log in; `*` stands for anything.", "a domain", [
      "example.edu",
      "*.example.edu",
    ]).optional(),
    default: ownFlag("Preselect this provider on CILogon's page."),
  },
  {
    description: "An identity provider.",
    example: { usernameClaim: "eppn", allowAll: true },
    change: HUB_REPLACED,
  },
);

export const cilogon = z.strictObject({
  kind: z.literal("cilogon"),
  ...application,
  ...people(),
  idps: own(
    z.record(z.string().regex(/^(https?:\/\/|urn:)/), idp).refine((all) => Object.keys(all).length > 0),
    {
      description:
        "Identity providers that people can choose from, by their entity ids (https://cilogon.org/idplist). Keys of each: " +
        "`usernameClaim` (required), `stripDomain` or `prefix`, `allowAll` or `allowedDomains` (`*` stands for anything), `default`.",
      expected: "a map of identity providers by their entity ids, which are addresses or begin with urn:",
      example: { "https://idp.example.edu/shibboleth": { usernameClaim: "eppn", allowAll: true } },
    },
  ),
  usernames,
});
