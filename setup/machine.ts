import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** What the steps of `./up` know of the machine they run on. */
export interface Machine {
  /** The checkout, absolute. */
  readonly root: string;
  /** What is built once for this user and shared by checkouts. */
  readonly cache: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** systemd is the running init system, so `systemctl start` means something. */
  readonly hasSystemd: boolean;
}

/** `${JUPYTERHUB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/jupyterhub-on-docker}` */
export function cacheDirectory(env: Machine["env"], home: string): string {
  if (env.JUPYTERHUB_CACHE) {
    return resolve(env.JUPYTERHUB_CACHE);
  }
  return join(
    env.XDG_CACHE_HOME ? resolve(env.XDG_CACHE_HOME) : join(home, ".cache"),
    "jupyterhub-on-docker",
  );
}

export function thisMachine(): Machine {
  const home = homedir();
  return {
    root: resolve(__dirname, ".."),
    cache: cacheDirectory(process.env, home),
    home,
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasSystemd: existsSync("/run/systemd/system"),
  };
}

/** The folders of PATH, and for root those of system programs, which a bare `su` leaves out. */
export function searchPath(machine: Machine): string[] {
  const folders = (machine.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const system = machine.isRoot ? ["/usr/local/sbin", "/usr/sbin", "/sbin"] : [];
  return [...folders, ...system.filter((folder) => !folders.includes(folder))];
}

/** The first executable file of this name in the folders. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}
