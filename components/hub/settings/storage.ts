import type { GroupConfig, StorageConfig, UserConfig } from "../../../config";
import { extraVolumes, folderVolume, homeVolume, settingsVolume } from "../../storage/volumes";
import { sorted } from "../../sorted";

/** People's homes and folders. */
export function renderStorage(prefix: string, storage: StorageConfig): Record<string, unknown> {
  const { homes, labSettings } = storage;
  const volume = homeVolume(prefix, homes);
  const tree = homes.kind === "tree" ? homes.root : null;
  return {
    home: { volume: volume === undefined ? null : { ...volume, options: sorted(volume.options) }, tree },
    mountPath: homes.mountPath,
    folders: {
      path: storage.foldersPath ?? homes.mountPath,
      volume: folderVolume(prefix, "{folder}").name,
      shared: storage.shared,
      colab: storage.colab,
      users: storage.users,
    },
    labSettings: labSettings.apart
      ? { volume: settingsVolume(prefix).name, mountPath: labSettings.mountPath }
      : null,
    volumes: extraVolumes(prefix, storage.volumes).map(([key, template]) => ({
      volume: { ...template, options: sorted(template.options) },
      mountPath: storage.volumes[key]?.mountPath,
      readOnly: storage.volumes[key]?.readOnly,
      groups: storage.volumes[key]?.groups ? [...storage.volumes[key].groups].sort() : null,
    })),
    uid: storage.owner.uid,
    gid: storage.owner.gid,
  };
}

/** Groups by name; members sorted: their order means nothing and must not replace a hub. */
export function renderGroups(groups: Readonly<Record<string, GroupConfig>>): Record<string, unknown> {
  return sorted(
    Object.fromEntries(
      Object.entries(groups).map(([name, { members, folder, limits }]) => [
        name,
        { members: [...members].sort(), folder, limits: sorted(limits) },
      ]),
    ),
  );
}

/** People by name. */
export function renderUsers(users: Readonly<Record<string, UserConfig>>): Record<string, unknown> {
  return sorted(
    Object.fromEntries(Object.entries(users).map(([name, { limits }]) => [name, { limits: sorted(limits) }])),
  );
}
