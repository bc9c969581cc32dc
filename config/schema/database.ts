/** `database`: where the hub keeps what it knows. */
import { z } from "zod";

import { POSTGRES_IMAGE } from "../constants";
import { HUB_REPLACED, IMAGE_NAME, key, oneKind, oneOf, secret, size } from "./key";

const moveFrom = oneOf(["sqlite", "nothing"], {
  description:
    "What to copy into this database while it is empty. `sqlite`: the content of the hub's earlier SQLite file, so that " +
    "users, tokens and running servers stay known; the file is not changed. If both contain users, the hub " +
    "does not start and reports how recent each one is. `nothing`: the file is ignored.",
  example: "nothing",
  change: HUB_REPLACED,
}).default("sqlite");

/** An official image of the version that the start of the container, and the data on its volume, are made for. */
const isPostgres17 = (name: string): boolean =>
  IMAGE_NAME.test(name) && /:17(\.\d+)?(-[\w.-]+)?(@|$)/.test(name);

/** A PostgreSQL address: a host and a database are named. */
function isAddress(value: string): boolean {
  try {
    const { protocol, hostname, pathname } = new URL(value);
    return ["postgresql:", "postgres:"].includes(protocol) && hostname !== "" && pathname.length > 1;
  } catch {
    return false;
  }
}

export const database = oneKind(
  [
    z.strictObject({ kind: z.literal("sqlite") }),
    z.strictObject({
      kind: z.literal("postgres"),
      image: key(z.string().refine(isPostgres17).default(POSTGRES_IMAGE), {
        description:
          "PostgreSQL's official image, or a copy of it in another registry. The volume holds data of version 17.",
        expected: "an image of PostgreSQL 17 whose tag says so",
        example: "registry.example.org/postgres:17.11-trixie",
        change: "The database's container is replaced: the hub reconnects after a few seconds.",
      }),
      memory: size(128 * 1024 ** 2, {
        description: "Memory of the database's container.",
        expected: "a size",
        example: "512m",
        change: "The database's container gets the new limit; nothing is replaced.",
      }).prefault("256m"),
      moveFrom,
    }),
    z.strictObject({
      kind: z.literal("url"),
      url: secret(
        {
          for: ["hub", "backup"],
          description:
            "URL of a PostgreSQL database, with user and password; `postgres://` works, too. Options of libpq " +
            "follow a question mark: for a server elsewhere, `?sslmode=verify-full`. The user has to own the database.",
          expected: "postgresql://user:password@host:port/name, percent-encoded where needed",
          example: "postgresql://jupyterhub:password@db.example.org:5432/jupyterhub?sslmode=verify-full",
          change: HUB_REPLACED,
        },
        z.string().refine(isAddress),
        (value) => value.replace(/^postgres:/, "postgresql:"),
      ),
      ca: key(z.string().min(1).optional(), {
        description:
          "PEM file with the authorities that may have signed the server's certificate, for `sslmode=verify-full`. " +
          "Relative to the folder of `Pulumi.yaml`.",
        otherwise: "the file that `sslrootcert` in the URL names, else none",
        expected: "the path of a PEM file with certificates",
        example: "./tls/database-ca.pem",
        change: HUB_REPLACED,
      }),
      moveFrom,
    }),
  ],
  {
    description:
      "The hub's database. `sqlite`: a file on the hub's volume. `postgres`: PostgreSQL in a container of the stack, with a " +
      "volume of its own. `url`: a PostgreSQL database that you run elsewhere.",
    example: { kind: "postgres" },
    change: HUB_REPLACED,
  },
).prefault({ kind: "sqlite" });
