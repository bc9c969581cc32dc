/**
 * Every key of `Pulumi.<stack>.yaml`: its type, default, meaning, an example, and what changing it does.
 *
 * Validation, the JSON Schema for editors and the reference page all come from here. What spans several keys
 * is in checks.ts.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { SIZE_PATTERN, formatSize, parseSize } from "./size";

declare module "zod" {
  interface GlobalMeta {
    /** Completes "expected …" in an error message. */
    expected?: string;
    /** A value that is allowed. */
    example?: unknown;
    /** What holds without a value, where that is not a plain default. */
    otherwise?: string;
    /** What happens on the next `pulumi up` when the value is changed. */
    change?: string;
  }
}

// A process parses one configuration: compiling parsers would take longer than it saves.
z.config({ jitless: true });

interface KeyDoc {
  readonly description: string;
  /** Completes "expected …" in an error message. */
  readonly expected: string;
  readonly example: unknown;
  /** What holds without a value, where that is not a plain default. */
  readonly otherwise?: string;
  readonly change?: string;
}

function key<T extends z.ZodType>(schema: T, doc: KeyDoc): T {
  return schema.meta({ ...doc });
}

const HUB_REPLACED = "The hub's container is replaced; running notebook servers go on.";
const NEXT_START = "The hub's container is replaced; a notebook server gets the new value at its next start.";
const PROXY_REPLACED = "The proxy's container is replaced: connections break for a few seconds.";

// Sizes -----------------------------------------------------------------------------------------------------

function size(minimum: number, doc: KeyDoc) {
  const isAllowed = (value: string | number) => (parseSize(value) ?? -1) >= minimum;
  return key(z.union([z.string().regex(SIZE_PATTERN), z.int().min(minimum)]).refine(isAllowed), {
    ...doc,
    expected: `${doc.expected} of at least ${formatSize(minimum)}, as 350m, 1G or 8G (k, m, g, t; base 1024)`,
  }).transform((value) => parseSize(value) ?? 0);
}

// Names -----------------------------------------------------------------------------------------------------

/** What the hub, its database, a volume name and a container name all take. */
const USER_NAME = /^[a-z0-9][a-z0-9._-]{0,30}$/;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ABSOLUTE_PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;
/** One DNS label or more; a last label of digits only would be a mistyped address. */
const HOST_NAME =
  /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*(?![0-9]+$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** [registry[:port]/]name[/name…][:tag][@sha256:digest] */
const IMAGE_NAME =
  /^([A-Za-z0-9.-]+(:[0-9]+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

function userNames(description: string, example: string) {
  const name = key(z.string().regex(USER_NAME), {
    description:
      "A user name: at most 31 characters of a-z, 0-9, `.`, `_`, `-`, the first one a letter or a digit.",
    expected: "a user name (at most 31 characters of a-z, 0-9, . _ -, starting with a letter or a digit)",
    example,
  });
  return key(z.array(name).default([]), {
    description,
    expected: "a list of user names",
    example: [example],
    change: HUB_REPLACED,
  });
}

/** A map of text values; numbers and booleans are taken as what YAML writes them as. */
function textMap(doc: KeyDoc) {
  const value = z
    .union([z.string(), z.number(), z.boolean()])
    .meta({ expected: "text", example: "text" })
    .transform(String);
  const name = z.string().regex(ENVIRONMENT_NAME);
  return key(z.record(name, value).prefault({}), doc);
}

// TLS -------------------------------------------------------------------------------------------------------

const tls = key(
  z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("self-signed"),
        days: key(z.int().min(1).max(825).default(365), {
          description: "Days that the generated certificate is valid. Browsers refuse more than 825.",
          expected: "a whole number of days from 1 to 825",
          example: 90,
          change: "A new certificate is made.",
        }),
      }),
      z.strictObject({
        kind: z.literal("files"),
        certificate: key(z.string().min(1), {
          description:
            "PEM file with the server's certificate first, then the intermediate certificates. " +
            "Relative to the folder of `Pulumi.yaml`.",
          expected: "the path of a PEM file with the certificate and its chain",
          example: "./tls/fullchain.pem",
          change: "The new certificate is put in place.",
        }),
        key: key(z.string().min(1), {
          description: "PEM file with the certificate's private key, without a passphrase.",
          expected: "the path of a PEM file with the private key",
          example: "./tls/privkey.pem",
          change: "The new key is put in place.",
        }),
      }),
    ])
    .prefault({ kind: "self-signed" }),
  {
    description:
      "Where the certificate comes from. `self-signed`: one is generated, and browsers warn until they trust it. " +
      "`files`: PEM files on the machine that runs Pulumi; key, names, chain and expiry are checked.",
    expected: "a map whose kind is self-signed or files",
    example: { kind: "files", certificate: "./tls/fullchain.pem", key: "./tls/privkey.pem" },
    change: "A new certificate is put in place.",
  },
);

// Login -----------------------------------------------------------------------------------------------------

const auth = key(
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("shared-password"),
      users: userNames("Who may log in with the users' password.", "alice"),
      admins: userNames(
        "Who may log in with the admins' password and may manage the hub. A name may be in both lists.",
        "admin",
      ),
    }),
  ]),
  {
    description:
      "How people log in. `shared-password`: one generated password for all users, one for all admins. At least " +
      "one name in `users` or `admins` is needed.",
    expected: "a kind of login, and at least one name in users or admins",
    example: { kind: "shared-password", users: ["alice"], admins: ["admin"] },
    change: HUB_REPLACED,
  },
);

// Notebooks -------------------------------------------------------------------------------------------------

const notebook = key(
  z
    .strictObject({
      image: key(
        z
          .discriminatedUnion("kind", [
            z.strictObject({
              kind: z.literal("build"),
              context: key(z.string().min(1).default("./images/notebook"), {
                description: "Folder with the `Dockerfile`. Relative to the folder of `Pulumi.yaml`.",
                expected: "the path of a folder with a Dockerfile",
                example: "./images/notebook",
                change: NEXT_START,
              }),
              args: textMap({
                description:
                  "Build arguments (`ARG` in the Dockerfile). They stay readable in the image: no secrets.",
                expected: "build arguments as NAME: value (names of letters, digits and _)",
                example: { PIP_INDEX_URL: "https://pypi.example.org/simple" },
                change: NEXT_START,
              }),
            }),
            z.strictObject({
              kind: z.literal("pull"),
              name: key(z.string().regex(IMAGE_NAME), {
                description:
                  "Image to pull, best with a digest: a tag such as `latest` may be another image tomorrow. It needs " +
                  "`jupyterhub-singleuser` of the hub's JupyterHub version.",
                expected:
                  "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest",
                example: "quay.io/jupyter/base-notebook:2026-10-05",
                change: NEXT_START,
              }),
            }),
          ])
          .prefault({ kind: "build" }),
        {
          description: "The image of the notebook servers. `build`: from a folder. `pull`: from a registry.",
          expected: "a map whose kind is build or pull",
          example: { kind: "pull", name: "quay.io/jupyter/base-notebook:2026-10-05" },
          change: NEXT_START,
        },
      ),
      startPage: key(
        z
          .string()
          .regex(/^(lab|notebook|\/[^\s?#]*)$/)
          .prefault("lab"),
        {
          description:
            "What people see after the start: `lab`, `notebook`, or a path of the server, as `/lab/tree/a.ipynb`.",
          expected: "lab, notebook or a path that starts with /",
          example: "notebook",
          change: NEXT_START,
        },
      ).transform(startPath),
      command: key(z.array(z.string().min(1)).min(1).optional(), {
        description: "Command of the notebook containers, one list item a word.",
        expected: "a list of words, as in ['start-notebook.py', '--debug']",
        example: ["start-notebook.py", "--debug"],
        otherwise: "that of the image",
        change: NEXT_START,
      }),
      environment: textMap({
        description: "Environment variables of all notebook servers. Every user can read them: no secrets.",
        expected: "variables as NAME: value (names of letters, digits and _)",
        example: { TZ: "Europe/Berlin" },
        change: NEXT_START,
      }),
      limits: key(
        z
          .strictObject({
            memory: size(64 * 1024 ** 2, {
              description: "Memory of one notebook server. What uses more is killed.",
              expected: "an amount of memory",
              example: "8G",
              change: NEXT_START,
            }).prefault("1G"),
            swap: size(0, {
              description: "Swap of one notebook server, on top of its memory.",
              expected: "an amount of swap",
              example: "512m",
              change: NEXT_START,
            }).prefault("0"),
            cpus: key(
              z
                .union([
                  z.number().min(0.01).max(1024),
                  // `pulumi config set --path` writes a number with a fraction as text.
                  z.string().regex(/^[0-9]+(\.[0-9]+)?$/),
                ])
                .refine((value) => Number(value) >= 0.01 && Number(value) <= 1024),
              {
                description: "CPUs of one notebook server; 0.5 is half of one.",
                expected: "a number of CPUs from 0.01 to 1024, as 0.5 or 2",
                example: 2,
                change: NEXT_START,
              },
            )
              .transform(Number)
              .prefault(1),
            processes: key(z.int().min(64).max(4_194_304).default(512), {
              description: "Processes and threads of one notebook server, together.",
              expected: "a whole number of processes from 64 to 4194304",
              example: 1024,
              change: NEXT_START,
            }),
          })
          .prefault({}),
        {
          description: "What one notebook server may use.",
          expected: "a map with the keys memory, swap, cpus, processes",
          example: { memory: "4G", cpus: 2 },
          change: NEXT_START,
        },
      ),
    })
    .prefault({}),
  {
    description: "The notebook servers.",
    expected: "a map with the keys image, startPage, command, environment, limits",
    example: { startPage: "lab", limits: { memory: "4G", cpus: 2 } },
    change: NEXT_START,
  },
);

/** `notebook` is the classic interface (Notebook 7), whose file list is at /tree. */
function startPath(page: string): string {
  return page === "lab" ? "/lab" : page === "notebook" ? "/tree" : page;
}

// Everything ------------------------------------------------------------------------------------------------

const port = (doc: KeyDoc) => key(z.int().min(1).max(65535), doc);
const isDomain = (value: string) => HOST_NAME.test(value) || isIP(value) !== 0;

/** The keys of the project's namespace; each is parsed by itself, so that a bad one hides no other's errors. */
export const keys = {
  variant: key(z.enum(["single-host"]).default("single-host"), {
    description: "What is set up. `single-host`: hub, proxy and all notebooks on one Docker Engine.",
    expected: "single-host (the only variant there is)",
    example: "single-host",
    change: "Everything is replaced, except the volumes that are kept.",
  }),

  name: key(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{1,30}$/)
      .optional(),
    {
      description:
        "Prefix of everything that is made on the Docker host: containers, networks, volumes, images. Two stacks on " +
        "one host need two names.",
      expected: "2 to 31 characters of a-z, 0-9 and -, the first one a letter or a digit",
      example: "jupyterhub-physics",
      otherwise: "`jupyterhub-<stack>`",
      change: "Everything is replaced; homes stay behind in the volumes with the old name.",
    },
  ),

  domain: key(z.string().refine(isDomain), {
    description:
      "Host name (or address) that people type into the browser, without `https://`, port or path.",
    expected: "the host name that people type into the browser, without https://, port or path",
    example: "hub.example.org",
    change: "A self-signed certificate is made anew; hub and proxy are replaced.",
  }).transform((value) => value.toLowerCase()),

  ports: key(
    z
      .strictObject({
        https: port({
          description: "TCP port for HTTPS on the Docker host.",
          expected: "a port from 1 to 65535",
          example: 8443,
          change: "Hub and proxy are replaced.",
        }).default(443),
        http: key(z.union([z.int().min(1).max(65535), z.literal(false)]).default(80), {
          description: "TCP port whose visitors are sent on to HTTPS; `false` for none.",
          expected: "a port from 1 to 65535, or false for none",
          example: 8080,
          change: PROXY_REPLACED,
        }),
        address: key(
          z
            .string()
            .refine((value) => isIP(value) !== 0)
            .default("0.0.0.0"),
          {
            description:
              "Address of the Docker host that the ports are bound to; `127.0.0.1` for this host only.",
            expected: "an IP address of the Docker host",
            example: "127.0.0.1",
            change: PROXY_REPLACED,
          },
        ),
      })
      .prefault({}),
    {
      description: "Where the proxy listens.",
      expected: "a map with the keys https, http, address",
      example: { https: 8443, http: 8080 },
      change: PROXY_REPLACED,
    },
  ),

  tls,
  auth,
  notebook,

  storage: key(
    z
      .strictObject({
        homes: key(
          z
            .discriminatedUnion("kind", [
              z.strictObject({
                kind: z.literal("volume"),
                mountPath: key(z.string().regex(ABSOLUTE_PATH).default("/home/jovyan"), {
                  description: "Where the home is in the notebook container.",
                  expected: "an absolute path of letters, digits, . _ -",
                  example: "/home/jovyan",
                  change: NEXT_START,
                }),
              }),
            ])
            .prefault({ kind: "volume" }),
          {
            description: "Where people's files are. `volume`: a Docker volume for each user.",
            expected: "a map whose kind is volume",
            example: { kind: "volume", mountPath: "/home/jovyan" },
            change: NEXT_START,
          },
        ),
        retain: key(z.boolean().default(true), {
          description:
            "Keep the volume with the hub's database when the stack is destroyed: the next `pulumi up` uses it again. " +
            "People's homes are kept in any case.",
          expected: "true or false",
          example: false,
          change: "Nothing is replaced.",
        }),
      })
      .prefault({}),
    {
      description: "People's data.",
      expected: "a map with the keys homes, retain",
      example: { homes: { kind: "volume", mountPath: "/home/jovyan" }, retain: true },
    },
  ),

  database: key(
    z
      .discriminatedUnion("kind", [z.strictObject({ kind: z.literal("sqlite") })])
      .prefault({ kind: "sqlite" }),
    {
      description: "The hub's database. `sqlite`: a file on the hub's volume.",
      expected: "a map whose kind is sqlite",
      example: { kind: "sqlite" },
      change: HUB_REPLACED,
    },
  ),

  hub: key(
    z
      .strictObject({
        logLevel: key(z.enum(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]).default("INFO"), {
          description: "How much the hub logs.",
          expected: "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
          example: "DEBUG",
          change: HUB_REPLACED,
        }),
      })
      .prefault({}),
    {
      description: "The hub.",
      expected: "a map with the key logLevel",
      example: { logLevel: "DEBUG" },
      change: HUB_REPLACED,
    },
  ),

  proxy: key(
    z
      .strictObject({
        image: key(z.string().regex(IMAGE_NAME).default("traefik:v3.7.15"), {
          description: "Image of Traefik 3.",
          expected: "an image name such as traefik:v3.7.15, with a tag or digest",
          example: "traefik:v3.7.15",
          change: PROXY_REPLACED,
        }),
        logLevel: key(z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"]).default("INFO"), {
          description: "How much the proxy logs.",
          expected: "one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, PANIC",
          example: "DEBUG",
          change: PROXY_REPLACED,
        }),
        accessLog: key(z.boolean().default(false), {
          description: "Whether the proxy logs every request.",
          expected: "true or false",
          example: true,
          change: PROXY_REPLACED,
        }),
      })
      .prefault({}),
    {
      description: "The proxy (Traefik).",
      expected: "a map with the keys image, logLevel, accessLog",
      example: { accessLog: true },
      change: PROXY_REPLACED,
    },
  ),

  docker: key(
    z
      .strictObject({
        host: key(
          z
            .string()
            .regex(
              /^(unix:\/\/\/\S+|ssh:\/\/[^\s/]+\S*|tcp:\/\/[^\s/:]+(:[0-9]+)?|tcp:\/\/\[[0-9a-fA-F:]+\](:[0-9]+)?)$/,
            )
            .optional(),
          {
            description: "Address of the Docker Engine.",
            otherwise: "`DOCKER_HOST` of the environment, else the local socket",
            expected: "unix:///path, ssh://user@host or tcp://host:port",
            example: "ssh://admin@docker.example.org",
            change: "Everything is made anew on the other engine; data stays where it was.",
          },
        ),
      })
      .prefault({}),
    {
      description: "The Docker Engine that everything runs on.",
      expected: "a map with the key host",
      example: { host: "ssh://admin@docker.example.org" },
    },
  ),

  logging: key(
    z
      .strictObject({
        maxSize: key(
          z
            .string()
            .regex(/^[1-9][0-9]*[kmg]$/)
            .default("10m"),
          {
            description: "Size at which a container's log file is rotated (k, m, g; base 1024).",
            expected: "a whole number with k, m or g, as 10m",
            example: "50m",
            change: "Hub and proxy are replaced.",
          },
        ),
        maxFiles: key(z.int().min(1).max(1000).default(3), {
          description: "Log files that are kept of a container.",
          expected: "a whole number of files from 1 to 1000",
          example: 5,
          change: "Hub and proxy are replaced.",
        }),
      })
      .prefault({}),
    {
      description: "Logs of the containers.",
      expected: "a map with the keys maxSize, maxFiles",
      example: { maxSize: "50m", maxFiles: 5 },
    },
  ),
} as const;

export type Key = keyof typeof keys;

/** All keys as one object: for the JSON Schema and for types. */
export const schema = z.strictObject(keys);

/** What an administrator may write. */
export type ConfigInput = z.input<typeof schema>;
/** After defaults and normalisation: sizes in bytes, the start page a path, the domain in lower case. */
export type ParsedValues = z.output<typeof schema>;
