/** `hub`: the hub itself, its pages and its API. */
import { z } from "zod";

import { duration } from "./duration";
import { roles, services } from "./hub-access";
import { announcement, logo, staticFiles, templates } from "./hub-pages";
import { HUB_REPLACED, key, oneKind, oneOf, secret, section, textMap } from "./key";

/** name[extra,…] with versions, as pip takes it; no options, addresses or paths. */
const PACKAGE =
  /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*\])?((===?|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+(,(===?|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+)*)?$/;
const SECRET_NAME = /^[a-z][a-z0-9_]{0,30}$/;

const extraConfigSecrets = key(
  z
    .record(
      z.string().regex(SECRET_NAME),
      secret({
        for: ["hub"],
        description: "A value that the configuration reads with `secret(name)`.",
        expected: "text",
        example: "text",
        change: HUB_REPLACED,
      }),
    )
    .prefault({}),
  {
    description:
      "Secret values for the configuration, which reads them with `secret('name')`. Don't write passwords into it.",
    expected: "secrets by name (a-z, 0-9, _)",
    example: { smtp_password: "text" },
    change: HUB_REPLACED,
  },
);

/** Python from a file of the stack's folder. */
const ofFile = (example: string) => ({
  kind: z.literal("file"),
  path: key(z.string().min(1), {
    description: "The file. Relative to the folder of `Pulumi.yaml`.",
    expected: "the path of a file with Python",
    example,
    change: HUB_REPLACED,
  }),
});

/** Python in the stack file itself. */
const ofText = {
  kind: z.literal("text"),
  text: key(z.string().min(1), {
    description: "The configuration itself.",
    expected: "Python",
    example: "c.JupyterHub.allow_named_servers = True",
    change: HUB_REPLACED,
  }),
};

const extraConfig = oneKind(
  [
    z.strictObject({ ...ofFile("./jupyterhub_extra.py"), secrets: extraConfigSecrets }),
    z.strictObject({ ...ofText, secrets: extraConfigSecrets }),
    z.strictObject({
      kind: z.literal("parts"),
      parts: key(
        z
          .record(
            z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/),
            oneKind([z.strictObject(ofFile("./hooks.py")), z.strictObject(ofText)], {
              description: "A part, as a file or as text.",
              example: { kind: "file", path: "./hooks.py" },
              change: HUB_REPLACED,
            }),
          )
          .refine((parts) => Object.keys(parts).length > 0),
        {
          description:
            "Parts by name. They run one after the other, sorted by name: `10-names` before `20-hooks`. An error names the part.",
          expected: "at least one part by name (1 to 40 characters of a-z, 0-9 and -)",
          example: { "20-hooks": { kind: "file", path: "./hooks.py" } },
          change: HUB_REPLACED,
        },
      ),
      secrets: extraConfigSecrets,
    }),
  ],
  {
    description:
      "JupyterHub configuration in Python, run after everything that these keys set. It has `c`, like any " +
      "`jupyterhub_config.py`. `file`: a file. `text`: in the stack file itself. `parts`: several of both, by name.",
    example: { kind: "file", path: "./jupyterhub_extra.py" },
    otherwise: "none",
    change: HUB_REPLACED,
  },
).optional();

const image = section(
  {
    packages: key(
      z
        .array(
          key(z.string().regex(PACKAGE), {
            description: "A PyPI package with its version.",
            expected: "a package with its version, such as jupyterhub-firstuseauthenticator==1.1.0",
            example: "jupyterhub-firstuseauthenticator==1.1.0",
          }),
        )
        .default([]),
      {
        description:
          "Python packages to install into the hub's image, such as an authenticator that " +
          "`hub.extraConfig` uses. None of them may change the version of a package that is in the image already.",
        expected: "a list of packages with versions, as for pip",
        example: ["jupyterhub-firstuseauthenticator==1.1.0"],
        change: "The image is rebuilt; hub and Docker filter are replaced.",
      },
    ),
    args: textMap({
      description: "Build arguments of the hub's image. They stay readable in the image: no secrets.",
      expected: "build arguments as NAME: value (names of letters, digits and _)",
      example: { PIP_INDEX_URL: "https://packages.example.org/simple" },
      change: "The image is rebuilt; hub and Docker filter are replaced.",
    }),
  },
  {
    description: "The hub's image.",
    example: { packages: ["jupyterhub-firstuseauthenticator==1.1.0"] },
    change: "The image is rebuilt; hub and Docker filter are replaced.",
  },
).prefault({});

const loginLockout = section(
  {
    attempts: key(z.int().min(0).max(1000).default(10), {
      description:
        "Failed logins after which a user name is refused at the address that they came from; 0 for no " +
        "lockout. Ten times as many, from any addresses, lock the name for all addresses except those it logged " +
        "in from before. An address is never locked for all names: a whole school may share it.",
      expected: "a whole number of logins from 0 to 1000",
      example: 5,
      change: HUB_REPLACED,
    }),
    window: duration(1, 86_400, {
      description: "Time in which failed logins are counted.",
      example: "30m",
      change: HUB_REPLACED,
    }).prefault("15m"),
    duration: duration(1, 86_400, {
      description: "Time for which logins are refused.",
      example: "1h",
      change: HUB_REPLACED,
    }).prefault("15m"),
  },
  {
    description:
      "Refuse logins after failed ones, for all kinds of login in which the hub gets a name and a password. The hub " +
      "counts in memory: a new hub starts from zero.",
    example: { attempts: 5, duration: "1h" },
    change: HUB_REPLACED,
  },
).prefault({});

const environment = textMap({
  description:
    "Environment variables of the hub's process, such as `HTTPS_PROXY` for a login service behind a company's proxy. What is " +
    "of the stack is reached without the proxy: its names are added to `NO_PROXY`.",
  expected: "variables as NAME: value (names of letters, digits and _)",
  example: { HTTPS_PROXY: "http://proxy.example.org:3128", NO_PROXY: ".example.org" },
  change: HUB_REPLACED,
});

const secretEnvironment = key(
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
    description:
      "Secret environment variables of the hub's process, such as a proxy's address with a password.",
    expected: "variables as NAME: value (names of A-Z, 0-9 and _)",
    example: { HTTPS_PROXY: "text" },
    change: HUB_REPLACED,
  },
);

export const hub = section(
  {
    baseUrl: key(
      z
        .string()
        .regex(/^(\/[A-Za-z0-9._~-]+)*\/?$/)
        .min(1)
        .default("/"),
      {
        description: "Path under which everything is served; `/` of the domain is redirected to it.",
        expected: "a path that starts with /, of letters, digits, . _ ~ -",
        example: "/jupyter/",
        change: "The hub is replaced. Running servers can't be reached until they are restarted.",
      },
    ).transform((path) => (path.endsWith("/") ? path : `${path}/`)),
    logLevel: oneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], {
      description: "Log level of the hub.",
      example: "DEBUG",
      change: HUB_REPLACED,
    }).default("INFO"),
    metrics: oneOf(["token", "public"], {
      description:
        "Who may read `/hub/metrics` (Prometheus). `token`: whoever has the scope `read:metrics`, which are admins and services " +
        "with that scope. `public`: everybody who can reach the hub.",
      example: "public",
      change: HUB_REPLACED,
    }).default("token"),
    startTimeout: duration(10, 3600, {
      description:
        "How long `pulumi up` waits for a new hub to answer before the update fails. Upgrading a " +
        "large database, with its backup, takes part of that time.",
      example: "10m",
      change: "Nothing is replaced.",
    }).prefault("3m"),
    loginLockout,
    announcement,
    logo,
    templates,
    staticFiles,
    roles,
    services,
    environment,
    secretEnvironment,
    extraConfig,
    image,
  },
  {
    description: "The hub.",
    example: { logLevel: "DEBUG" },
    change: HUB_REPLACED,
  },
).prefault({});
