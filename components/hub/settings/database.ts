/** Where the hub keeps what it knows. Passwords and addresses with one are files of their own. */
export type DatabaseSettings =
  | { readonly kind: "sqlite" }
  | {
      readonly kind: "postgres";
      /** Name of the database's container on the control network. */
      readonly host: string;
      readonly port: number;
      readonly name: string;
      readonly user: string;
      /** Whether an SQLite database is taken over while this one is empty. */
      readonly moveFromSqlite: boolean;
    }
  | {
      readonly kind: "url";
      /** Whether there is a file with authorities for the server's certificate. */
      readonly ca: boolean;
      readonly moveFromSqlite: boolean;
    };

/** Files of the hub with the address of a database of somebody else, and with the authorities for its certificate. */
export const DATABASE_CA = "database_ca";

/** Renders the section `database` of the hub's settings. */
export function renderDatabase(
  database: DatabaseSettings,
  paths: { readonly data: string; readonly secrets: string },
): Record<string, unknown> {
  const sqlite = `${paths.data}/jupyterhub.sqlite`;
  if (database.kind === "sqlite") return { kind: database.kind, path: sqlite };
  const { moveFromSqlite, ...rest } = database;
  return {
    ...rest,
    ...(rest.kind === "url" ? { ca: rest.ca ? `${paths.secrets}/${DATABASE_CA}` : null } : {}),
    moveFrom: moveFromSqlite ? sqlite : null,
  };
}
