/** Names of the volumes that notebook servers have, for the hub that makes them and the filter that lets them be made. */
import type { StorageConfig } from "../../config";
import { sorted } from "../sorted";

/** A volume, or one for each person: `{username}` in its name and options stands for a person's escaped name. */
export interface VolumeTemplate {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

const local = (name: string): VolumeTemplate => ({ name, driver: "local", options: {} });

/** Volume of a home, where homes are volumes: those of a tree and temporary ones are none. */
export function homeVolume(prefix: string, homes: StorageConfig["homes"]): VolumeTemplate | undefined {
  if (homes.kind !== "volume") {
    return undefined;
  }
  const { name = `${prefix}-home-{username}`, driver, options } = homes;
  return { name, driver, options };
}

type ExtraVolume = StorageConfig["volumes"][string];

/** A volume of `storage.volumes`, by its key. */
export function extraVolume(
  prefix: string,
  key: string,
  { name = `${prefix}-volume-${key}`, driver, options }: Pick<ExtraVolume, "name" | "driver" | "options">,
): VolumeTemplate {
  return { name, driver, options: sorted(options) };
}

/** Volume with JupyterLab's settings of a person, where homes are in no tree. */
export const settingsVolume = (prefix: string): VolumeTemplate => local(`${prefix}-settings-{username}`);

/** Volume of `shared`, `colab` or a group's folder (`group-<name>`), where homes are in no tree. */
export const folderVolume = (prefix: string, name: string): VolumeTemplate =>
  local(`${prefix}-folder-${name}`);

/** A volume that the hub may make and mount; `{folder}` in its name stands for a folder that several people have. */
export interface AllowedVolume extends VolumeTemplate {
  readonly readOnly: boolean;

  /**
   * People whose volumes may be there without the stack's labels.
   *
   * @default volumes are known by their names alone, as no others begin like them
   */
  readonly takenOver?: readonly string[];
}

/** Every volume that the hub may make or mount, for the filter's settings. */
export function allowedVolumes(prefix: string, storage: StorageConfig): AllowedVolume[] {
  const home = homeVolume(prefix, storage.homes);
  const apart = storage.labSettings.apart ? [settingsVolume(prefix)] : [];
  const stack = storage.homes.kind === "tree" ? [] : [...apart, folderVolume(prefix, "{folder}")];
  return [
    ...(home === undefined ? [] : [{ ...home, readOnly: false, ...takenOver(home, storage.homes) }]),
    ...stack.map((volume) => ({ ...volume, readOnly: false })),
    ...Object.entries(sorted(storage.volumes)).map(([key, volume]) => ({
      ...extraVolume(prefix, key, volume),
      readOnly: volume.readOnly,
    })),
  ].map((volume) => ({ ...volume, options: sorted(volume.options) }));
}

function takenOver({ name }: VolumeTemplate, homes: StorageConfig["homes"]) {
  return homes.kind === "volume" && (name.startsWith("{username}") || homes.takenOver.length > 0)
    ? { takenOver: [...homes.takenOver].sort() }
    : {};
}

/** Folders of the Docker host that the hub may mount: themselves, or a folder directly in them. */
export interface AllowedFolders {
  readonly folders: readonly string[];
  readonly parents: readonly string[];
}

/** Parts of a tree that belong to root: who could change what is in them could lead a mount elsewhere. */
export const TREE_PARENTS = ["groups", "user-settings", "users"] as const;

/** What of a tree may be mounted. A folder further down could be a link that a person made to anywhere. */
export function allowedFolders(storage: StorageConfig): AllowedFolders {
  if (storage.homes.kind !== "tree") {
    return { folders: [], parents: [] };
  }
  const { root } = storage.homes;
  return {
    folders: (["colab", "shared", "users"] as const)
      .filter((name) => storage[name])
      .map((name) => `${root}/${name}`),
    parents: TREE_PARENTS.map((name) => `${root}/${name}`),
  };
}
