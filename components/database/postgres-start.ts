/** How PostgreSQL is started. It holds for the official image and for any other with its user and its folders. */

/** Where the database's volume is mounted; a fresh one takes the owner that the folder has in the image. */
export const DATA_DIRECTORY = "/var/lib/postgresql/data";
export const PASSWORD_FILE = "/run/secrets/database_password";
export const RULES_FILE = "/etc/postgresql/pg_hba.conf";

/** The hub's role and its database. The role owns the database and nothing else of the server. */
export const HUB_ROLE = "jupyterhub";

/**
 * The start of the container. The image's own start takes a password for a fresh volume only; here the hub's role gets
 * the password of the file at each start, so that a new password holds, also for a volume of an earlier stack. A volume is
 * made ready in a folder that is then renamed: what is interrupted starts anew.
 */
export const START_SCRIPT = `set -eu
umask 077
data=${DATA_DIRECTORY}/17
# Statements stay out of the log: one of them has the password.
single() { postgres --single -D "$1" -c log_min_error_statement=panic postgres >/dev/null; }
if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf "$data.new"
  initdb -D "$data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --locale-provider=builtin \\
    --builtin-locale=C.UTF-8 --data-checksums --auth=scram-sha-256 --auth-local=trust >/dev/null
  single "$data.new" <<'END'
CREATE ROLE ${HUB_ROLE} LOGIN;
CREATE DATABASE ${HUB_ROLE} OWNER ${HUB_ROLE};
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
END
  mv "$data.new" "$data"
fi
single "$data" <<END
ALTER ROLE ${HUB_ROLE} PASSWORD '$(cat ${PASSWORD_FILE})';
END
exec postgres -D "$data" "$@"
`;

/** Who may connect: whoever is in the container, and the hub with its password. */
export const RULES = ["local all all trust", `host ${HUB_ROLE} ${HUB_ROLE} all scram-sha-256`, ""].join("\n");

/** Options of the server: a hub has a dozen connections and a few megabytes of rows. */
export const serverOptions = (): string[] =>
  Object.entries({
    hba_file: RULES_FILE,
    listen_addresses: "*",
    max_connections: "40",
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    wal_level: "minimal",
    max_wal_senders: "0",
    max_parallel_workers_per_gather: "0",
    jit: "off",
    log_min_error_statement: "panic",
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
