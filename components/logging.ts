/** Where logs of containers go, and how they are rotated: one answer for the stack's own and for people's servers. Pure. */
import { sorted } from "./sorted";

/** Logging of the stack's containers. */
export interface LogRotation {
  /** Size at which a log file is rotated, as Docker writes it, such as `10m`. */
  readonly maxSize: string;

  /** How many rotated files are kept. @default 3, and 2 of a person's server */
  readonly maxFiles?: number | undefined;

  /** Docker's logging driver. @default "json-file" */
  readonly driver?: string;

  /** The driver's options, besides those of rotation. @default none */
  readonly options?: Readonly<Record<string, string>>;
}

export interface LogDriver {
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Drivers that write files of their own on the Docker host. */
export const ROTATING: ReadonlySet<string> = new Set(["json-file", "local"]);

/** As an engine takes it. @param files how many are kept where nothing is said */
export function logDriver(
  { driver = "json-file", options = {}, maxSize, maxFiles }: LogRotation,
  files = 3,
): LogDriver {
  const rotation: Readonly<Record<string, string>> = ROTATING.has(driver)
    ? { "max-size": maxSize, "max-file": String(maxFiles ?? files) }
    : {};
  return { driver, options: { ...rotation, ...options } };
}

/** What people's servers have where nothing is said of logging. */
const SERVERS = JSON.stringify(logDriver({ maxSize: "10m" }, 2));

/** The logging of people's servers, or nothing where the hub's own settings hold, which are the same. */
export function serverLog(logging: LogRotation): { readonly log?: LogDriver } {
  const log = logDriver(logging, 2);
  return JSON.stringify(log) === SERVERS ? {} : { log: { ...log, options: sorted(log.options) } };
}

/** As it is written: what was not said is not in it, so that a key that is new tries no hub again. */
export const written = ({
  driver = "json-file",
  options = {},
  maxSize,
  maxFiles,
}: LogRotation): LogRotation => ({
  maxSize,
  maxFiles: maxFiles ?? 3,
  ...(driver === "json-file" ? {} : { driver }),
  ...(Object.keys(options).length === 0 ? {} : { options: sorted(options) }),
});
