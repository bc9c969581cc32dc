/** Roles and services: who may do what with the hub's API. */
import { z } from "zod";

import { flag, HUB_REPLACED, key, secret, section, TAKEN_OVER, textMap, word } from "./key";
import { groupName, userName } from "./people";

/** As JupyterHub checks them. */
const ROLE_NAME = /^[a-z][a-z0-9\-_~.]{1,253}[a-z0-9]$/;
/** It is part of an address, of a role's name and of the name of a secret's file. */
const SERVICE_NAME = /^[a-z][a-z0-9-]{0,40}[a-z0-9]$/;
const SCOPE = /^[a-z][a-z:_-]*[a-z](![a-z]+(=[^\s!]+)?)?$/;

const scopes = key(
  z
    .array(
      key(z.string().regex(SCOPE), {
        description: "A scope of JupyterHub.",
        expected: "a scope, such as list:users or access:servers!group=staff",
        example: "list:users",
      }),
    )
    .default([]),
  {
    description:
      "Permissions: [scopes of JupyterHub](https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html), for " +
      "limited to some resources by a filter (`!user=`, `!group=`, `!service=`, `!server=`).",
    expected: "a list of scopes",
    example: ["list:users", "access:servers!group=staff"],
    change: HUB_REPLACED,
  },
);

const names = (what: string, example: string, name: z.ZodType<string, string>) =>
  key(z.array(name).prefault([]), {
    description: `${what} that have the role.`,
    expected: "a list of names",
    example: [example],
    change: TAKEN_OVER,
  });

const role = section(
  {
    description: key(z.string().max(1023).default(""), {
      description: "What the role is for.",
      expected: "text",
      example: "May look into students' servers",
      change: TAKEN_OVER,
    }),
    scopes,
    users: names("Users", "alice", userName("alice")),
    groups: names("Groups", "tutors", groupName("tutors")),

    services: names("Services", "grader", z.string().min(1).meta({ expected: "a name", example: "grader" })),
  },
  { description: "A role.", example: { scopes: ["list:users"], users: ["alice"] }, change: TAKEN_OVER },
);

export const roles = key(z.record(z.string().regex(ROLE_NAME), role).prefault({}), {
  description:
    "Roles by name (3 to 255 characters of a-z, 0-9, `-`, `_`, `~`, `.`). `user`, `server` and `token` change " +
    "JupyterHub's own. `admin` can't be changed: admins may do everything, also in people's servers. Give somebody who " +
    "should manage people but not see their files a role here, and don't add them to the admins in `auth`.",
  expected: "roles by name (3 to 255 characters of a-z, 0-9, - _ ~ .)",
  example: { tutor: { scopes: ["admin-ui", "list:users", "access:servers"], groups: ["tutors"] } },
  change: TAKEN_OVER,
});

const service = section(
  {
    scopes,
    token: secret({
      for: ["hub"],
      description: "The service's token for the hub's API, of at least 32 characters.",
      expected: "text of at least 32 characters, such as `openssl rand -hex 32` prints",
      example: "<token>",
      otherwise: "a generated one, in the output `serviceTokens`",
      change: HUB_REPLACED,
    })
      .refine((token) => token.reveal().length >= 32)
      .optional(),
    url: key(
      z
        .string()
        .regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/)
        .optional(),
      {
        description:
          "Address at which the proxy reaches the service. People find it at `services/<name>/` of the hub.",
        expected: "an address that starts with http:// or https://",
        example: "http://grader.example.org:9000",
        change: HUB_REPLACED,
      },
    ),
    command: key(z.array(word).min(1).optional(), {
      description:
        "Command that the hub runs in its own container and restarts when it ends, as a list of words. It can read " +
        "everything that the hub can.",
      expected: "a list of words, such as ['python', '-m', 'my_service']",
      example: ["python", "-m", "my_service"],
      change: HUB_REPLACED,
    }),
    environment: textMap({
      description: "Environment variables of the command.",
      expected: "variables as NAME: value (names of letters, digits and _)",
      example: { INTERVAL: "60" },
      change: HUB_REPLACED,
    }),
    secrets: key(
      z
        .record(
          // Names of secrets do not tell a from A.
          z.string().regex(/^[A-Z_][A-Z0-9_]*$/),
          secret({
            for: ["hub"],
            description: "A secret value.",
            expected: "text",
            example: "text",
            change: HUB_REPLACED,
          }),
        )
        .prefault({}),
      {
        description: "Secret environment variables of the command.",
        expected: "variables as NAME: value (names of A-Z, 0-9 and _)",
        example: { API_KEY: "text" },
        change: HUB_REPLACED,
      },
    ),
    display: flag({
      description: "Show a service with a `url` in the hub's menu.",
      example: false,
      change: HUB_REPLACED,
    }).default(true),
    oauthRedirectUri: key(
      z
        .string()
        .regex(/^(https?:\/\/|\/)[^\s#]*$/)
        .optional(),
      {
        description: "Where people return to after logging in to a service that is not behind the proxy.",
        expected: "an address",
        example: "https://grader.example.org/oauth_callback",
        change: HUB_REPLACED,
      },
    ),
    oauthNoConfirm: flag({
      description: "Log people in to the service without asking for their consent.",
      example: true,
      change: HUB_REPLACED,
    }).default(false),
  },
  { description: "A service.", example: { scopes: ["list:users"] }, change: HUB_REPLACED },
);

export const services = key(z.record(z.string().regex(SERVICE_NAME), service).prefault({}), {
  description:
    "Programs that use the hub's API, by name: scripts (a token and scopes), web services behind the proxy (`url`), and " +
    "commands that the hub runs (`command`). Each has a token with its own scopes only.",
  expected: "services by name (2 to 42 characters of a-z, 0-9, -)",
  example: { monitoring: { scopes: ["read:metrics"] }, report: { scopes: ["list:users"] } },
  change: HUB_REPLACED,
});
