/** The settings file of the backup's container: `images/hub/jupyterhub_on_docker/backup/settings.py` has its shape. Pure. */
import type { BackupConfig, DatabaseConfig, StorageConfig } from "../../config";
import { physicalName } from "../../docker-api/naming";
import { type PostgresConnection, renderDatabase } from "../hub/settings/database";
import { allowedVolumes } from "../storage/volumes";

/** Where things are in the container. */
export const places = {
  settings: "/etc/jupyterhub/backup.json",
  /** Cache, the stack's own files, and what is known of the last backup. */
  own: "/srv/backup",
  /** Volumes of the engine's local driver, read-only. */
  volumes: "/host/volumes",
  /** Homes and folders that are no volumes, read-only. */
  tree: "/host/tree",
  /** Where backups go, where that is a folder of the Docker host. */
  repository: "/srv/repository",
} as const;

/** Whether backups go to a folder of the Docker host. */
export const isFolder = ({ to }: Pick<BackupConfig, "to">): boolean => to.startsWith("/");

export interface BackupSettings {
  /** Prefix of the stack's names. */
  readonly prefix: string;
  readonly backup: BackupConfig;
  readonly storage: StorageConfig;
  readonly database: DatabaseConfig;
  readonly connection: PostgresConnection | undefined;
}

export function renderBackup({ prefix, backup, storage, database, connection }: BackupSettings): string {
  const data = physicalName(prefix, "hub-data");
  const section = renderDatabase(database, connection);
  return JSON.stringify({
    version: 1,
    host: prefix,
    repository: isFolder(backup) ? places.repository : backup.to,
    at: backup.at,
    keep: backup.keep,
    // The values are secrets: what is here is the names of their files.
    variables: Object.fromEntries(Object.entries(backup.secrets).sort(([a], [b]) => (a < b ? -1 : 1))),
    engineVolumes: places.volumes,
    data,
    volumes: [
      ...allowedVolumes(prefix, storage)
        .filter(({ readOnly, driver }) => !readOnly && driver === "local")
        .map(({ name }) => name),
      physicalName(prefix, "acme"),
    ].sort(),
    tree: storage.homes.kind === "tree" ? places.tree : null,
    database:
      section.kind === "sqlite"
        ? { kind: section.kind, path: `${places.volumes}/${data}/_data/jupyterhub.sqlite` }
        : { ...section, moveFrom: null },
  });
}
