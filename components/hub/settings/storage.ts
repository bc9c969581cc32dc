import type { GroupConfig, StorageConfig, UserConfig } from "../../../config";
import { sorted } from "../../sorted";
import { extraVolume, folderVolume, homeVolume, settingsVolume } from "../../storage/volumes";
import { section } from "./section";
import { someVariables, type Variables } from "./variables";

/** People's homes and folders. */
export function renderStorage(prefix: string, storage: StorageConfig) {
  const { homes, labSettings, foldersPath, shared, colab, users, volumes, owner, retain, ...own } = storage;
  const volume = homeVolume(prefix, homes);
  return {
    home: {
      volume: volume === undefined ? null : { ...volume, options: sorted(volume.options) },
      tree: homes.kind === "tree" ? homes.root : null,
    },
    mountPath: homes.mountPath,
    folders: {
      path: foldersPath ?? homes.mountPath,
      volume: folderVolume(prefix, "{folder}").name,
      shared,
      colab,
      users,
    },
    labSettings: labSettings.apart
      ? { volume: settingsVolume(prefix).name, mountPath: labSettings.mountPath }
      : null,
    volumes: Object.entries(sorted(volumes)).map(([key, { name, driver, options, groups, ...rest }]) =>
      section(["volume", "mountPath", "readOnly", "groups"], {
        ...rest,
        volume: extraVolume(prefix, key, { name, driver, options }),
        groups: groups && [...groups].sort(),
      }),
    ),
    ...owner,
    ...own,
  };
}

/** Groups by name; members sorted: their order means nothing and must not replace a hub. */
export function renderGroups(groups: Readonly<Record<string, GroupConfig>>) {
  return sorted(
    Object.fromEntries(
      // Whom the login puts into a group is the hub's to know; the checks of the configuration look at `fromLogin`.
      Object.entries(groups).map(([name, { fromLogin, ...group }]) => [
        name,
        { ...personal(group), members: [...group.members].sort(), limits: sorted(group.limits) },
      ]),
    ),
  );
}

/** People by name. */
export function renderUsers(users: Readonly<Record<string, UserConfig>>) {
  return sorted(
    Object.fromEntries(
      Object.entries(users).map(([name, user]) => [name, { ...personal(user), limits: sorted(user.limits) }]),
    ),
  );
}

/** With variables where there are any: files of stacks without them stay as they are. */
function personal<T extends Variables>({ environment, secrets, ...rest }: T) {
  return { ...rest, ...someVariables({ environment }), ...someVariables({ secrets }) };
}
