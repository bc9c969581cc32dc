/** How messages outside of the configuration's own checks name its keys: written with dots, as `docker.host`. */
import { PROJECT } from "./constants";
import { formatKey, type Path, setCommand } from "./errors";

/** A key with dots between its steps, or its steps where one has a name of somebody's choice. */
type Key = string | Path;

const steps = (key: Key): Path => (typeof key === "string" ? key.split(".") : key);

/** `jupyterhub:docker.host` */
export const keyName = (key: Key): string => formatKey(PROJECT, steps(key));

/** The command that sets a key of a stack. */
export const setKeyCommand = (stack: string, key: Key, value: string): string =>
  setCommand({ project: PROJECT, stack }, steps(key), value);
