import { Backup } from "../../components/backup/backup";
import { BackupImage } from "../../components/backup/backup-image";
import { isFolder } from "../../components/backup/settings";
import { DATABASE_CA } from "../../components/hub/settings/database";
import { DataVolume } from "../../components/storage/data-volume";
import { secretsFor } from "../../config";
import type { Host } from "./host";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";
import type { HostStorage } from "./storage";

interface Before {
  readonly images: HostImages;
  readonly network: HostNetwork;
  readonly storage: HostStorage;
}

/** Daily backups, where the configuration says where to. */
export function hostBackup({ config, engine, opts }: Host, { images, network, storage }: Before): void {
  const { name: prefix, backup, database } = config;
  if (backup === undefined) {
    return;
  }
  const { after } = images;
  const image = new BackupImage(
    "backup-image",
    { prefix, hub: { name: images.hubName, id: images.hub }, platform: engine.platform },
    opts,
  );
  const volume = new DataVolume("backup", { prefix, role: "backup", retain: false }, after);
  const { database_password: password, [DATABASE_CA]: authority } = storage.database.secrets;
  const goesOut = !isFolder(backup) || database.kind === "url";
  new Backup(
    "backup-service",
    {
      prefix,
      backup,
      storage: config.storage,
      database,
      connection: storage.database.connection,
      image: image.imageId,
      volume: volume.volume.name,
      engineFolder: engine.dataFolder,
      networks: [
        ...(goesOut ? [network.networks.public.name] : []),
        ...(database.kind === "postgres" ? [network.networks.control.name] : []),
      ],
      secrets: {
        ...secretsFor(config, "backup"),
        ...(password === undefined ? {} : { database_password: password }),
        ...(authority === undefined ? {} : { [DATABASE_CA]: authority }),
      },
      logging: config.logging,
    },
    { ...opts, dependsOn: [storage.data, ...storage.database.dependsOn, ...storage.tree] },
  );
}
