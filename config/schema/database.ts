/** `database`: where the hub keeps what it knows. */
import { z } from "zod";
import { POSTGRES_IMAGE } from "../constants";
import { HUB_REPLACED, IMAGE_NAME, key, secret, size } from "./key";

const moveFrom = key(z.enum(["sqlite", "nothing"]).default("sqlite"), {
  description:
    "What is taken over while this database is empty. `sqlite`: what the hub kept in its SQLite file before, so that " +
    "people, tokens and running servers are known on; the file stays as it is. Where both have people's content, the hub " +
    "does not start and says how new each is. `nothing`: the file is not looked at.",
  expected: "sqlite or nothing",
  example: "nothing",
  change: HUB_REPLACED,
});

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

export const database = key(
  z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("sqlite") }),
      z.strictObject({
        kind: z.literal("postgres"),
        image: key(z.string().refine(isPostgres17).default(POSTGRES_IMAGE), {
          description:
            "PostgreSQL's official image, or a copy of it in another registry. The volume's content is of version 17.",
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
            for: ["hub"],
            description:
              "Address of a PostgreSQL database, with user and password; `postgres://` is taken too. Options of libpq " +
              "go behind a question mark: with a server elsewhere, `?sslmode=verify-full`. The user owns the database.",
            expected: "postgresql://user:password@host:port/name, percent-encoded where needed",
            example: "postgresql://jupyterhub:password@db.example.org:5432/jupyterhub?sslmode=verify-full",
            change: HUB_REPLACED,
          },
          z.string().refine(isAddress),
          (value) => value.replace(/^postgres:/, "postgresql:"),
        ),
        ca: key(z.string().min(1).optional(), {
          description:
            "PEM file with the authorities that the server's certificate is checked against, for `sslmode=verify-full`. " +
            "Relative to the folder of `Pulumi.yaml`.",
          otherwise: "those that `sslrootcert` of the address names, else none",
          expected: "the path of a PEM file with certificates",
          example: "./tls/database-ca.pem",
          change: HUB_REPLACED,
        }),
        moveFrom,
      }),
    ])
    .prefault({ kind: "sqlite" }),
  {
    description:
      "The hub's database. `sqlite`: a file on the hub's volume. `postgres`: PostgreSQL in a container of the stack, with a " +
      "volume of its own. `url`: a PostgreSQL database of somebody else.",
    expected: "a map whose kind is sqlite, postgres or url",
    example: { kind: "postgres" },
    change: HUB_REPLACED,
  },
);
