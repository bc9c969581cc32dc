/**
 * Every key of `Pulumi.<stack>.yaml`: its type, default, meaning, an example, and what changing it does. A file a
 * section.
 *
 * Validation, the JSON Schema for editors and the reference page all come from here. What spans several keys
 * is in ../checks.
 */
import { z } from "zod";

import { PREFIX } from "../constants";
import { ipVersion } from "../values/cidr";
import { auth } from "./auth";
import { backup } from "./backup";
import { database } from "./database";
import { dns } from "./dns";
import { docker } from "./docker";
import { edge } from "./edge";
import { egress } from "./egress";
import { groups } from "./groups";
import { hub } from "./hub";
import { HOST_NAME, key, type KeyDoc, oneOf, PROXY_REPLACED, section } from "./key";
import { logging } from "./logging";
import { network } from "./network";
import { notebook } from "./notebook";
import { proxy } from "./proxy";
import { servers } from "./servers";
import { storage } from "./storage";
import { swarm } from "./swarm";
import { tls } from "./tls";
import { users } from "./users";

const port = (doc: KeyDoc) => key(z.int().min(1).max(65535), doc);
const isDomain = (value: string) => HOST_NAME.test(value) || ipVersion(value) !== 0;

/** The keys of the project's namespace; each is parsed by itself, so that a bad one hides no other's errors. */
export const keys = {
  variant: oneOf(["single-host", "lockdown", "swarm"], {
    description:
      "What to set up. `single-host`: hub, proxy and all notebooks on one Docker Engine. `lockdown`: the same, with " +
      "notebooks that reach only the hub and the hosts in `egress.allow`. `swarm`: several hosts.",
    example: "single-host",
    change: "Everything is replaced, except the volumes that are kept.",
  }).default("single-host"),

  name: key(z.string().regex(PREFIX).optional(), {
    description:
      "Prefix of everything that is created on the Docker host: containers, networks, volumes, images. Two stacks on " +
      "one host need different names.",
    expected: "2 to 31 characters of a-z, 0-9 and -, the first one a letter or a digit",
    example: "jupyterhub-physics",
    otherwise: "`jupyterhub-<stack>`",
    change: "Refused where the stack has a deployment, since homes are in volumes with the old name.",
  }),

  domain: key(z.string().refine(isDomain), {
    description:
      "Host name (or address) that people type into the browser, without `https://`, port or path.",
    expected: "the host name that people type into the browser, without https://, port or path",
    example: "hub.example.org",
    change: "A self-signed certificate is recreated; hub and proxy are replaced.",
  }).transform((value) => value.toLowerCase()),

  ports: section(
    {
      https: port({
        description: "TCP port for HTTPS on the Docker host.",
        expected: "a port from 1 to 65535",
        example: 8443,
        change: "Hub and proxy are replaced.",
      }).default(443),
      http: key(z.union([z.int().min(1).max(65535), z.literal(false)]).default(80), {
        description: "TCP port whose visitors are redirected to HTTPS; `false` for none.",
        expected: "a port from 1 to 65535, or false for none",
        example: 8080,
        change: PROXY_REPLACED,
      }),
      address: key(
        z
          .string()
          .refine((value) => ipVersion(value) !== 0)
          .default("0.0.0.0"),
        {
          description:
            "Address of the Docker host that the ports are bound to; `127.0.0.1` to serve this host only.",
          expected: "an IP address of the Docker host",
          example: "127.0.0.1",
          change: PROXY_REPLACED,
        },
      ),
    },
    {
      description: "Where the proxy listens.",
      example: { https: 8443, http: 8080 },
      change: PROXY_REPLACED,
    },
  ).prefault({}),

  tls,
  edge,
  dns,
  auth,
  notebook,
  storage,
  servers,
  groups,
  users,
  database,
  backup,
  hub,
  proxy,
  docker,
  network,
  egress,
  swarm,
  logging,
} as const;

export type Key = keyof typeof keys;

/** All keys as one object: for the JSON Schema and for types. */
export const schema = z.strictObject(keys);

/** What an administrator may write. */
export type ConfigInput = z.input<typeof schema>;
/** After defaults and normalisation: sizes in bytes, the start page a path, the domain in lower case. */
export type ParsedValues = z.output<typeof schema>;
