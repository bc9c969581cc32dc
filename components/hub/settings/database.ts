import type { DatabaseConfig } from "../../../config";
import { paths } from "./paths";

/** Where the hub finds a database of the stack's own. The password is a file of the hub. */
export interface PostgresConnection {
  /** Name of the database's container on the control network. */
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
}

/** File of the hub with the authorities for the certificate of a database of somebody else. */
export const DATABASE_CA = "database_ca";

const SQLITE = `${paths.data}/jupyterhub.sqlite`;

type Rendered<Kind extends DatabaseConfig["kind"], Rest> = { readonly kind: Kind } & Readonly<Rest>;
interface MovesIn {
  /** SQLite file whose content is taken over while this database is empty. */
  readonly moveFrom: string | null;
}
export type DatabaseSection =
  | Rendered<"sqlite", { path: string }>
  | Rendered<"postgres", PostgresConnection & MovesIn>
  | Rendered<"url", { ca: string | null } & MovesIn>;

/** Where the hub keeps what it knows. Passwords and addresses with one are files of their own. */
export function renderDatabase(
  database: DatabaseConfig,
  connection: PostgresConnection | undefined,
): DatabaseSection {
  if (database.kind === "sqlite") {
    return { kind: database.kind, path: SQLITE };
  }
  const moveFrom = database.moveFrom === "sqlite" ? SQLITE : null;
  if (database.kind === "postgres") {
    if (connection === undefined) {
      throw new Error("a database of the stack's own is made before the hub");
    }
    return { kind: database.kind, ...connection, moveFrom };
  }
  const ca = database.caPem === undefined ? null : `${paths.secrets}/${DATABASE_CA}`;
  return { kind: database.kind, ca, moveFrom };
}
