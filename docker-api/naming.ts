/** What every object that a stack makes on a Docker host has in common: its name's prefix and its labels. */
import { createHash } from "node:crypto";

/** Label that names the stack an object belongs to; its value is the stack's prefix. */
export const STACK_LABEL = "org.jupyterhub.stack";

/** Label that names what an object is for: `hub`, `proxy`, `docker-filter`, `user`, … */
export const ROLE_LABEL = "org.jupyterhub.role";

/** Role of the container that takes back what a failed hub did to the database. */
export const UNDO_ROLE = "hub-undo";

/**
 * Roles of containers that are made for a moment and go with it: one that stands is of a run that goes on, or was killed.
 * `folders` are a hub's, the others those of `./up` and `./hub`.
 */
export const PASSING_ROLES: ReadonlySet<string> = new Set([
  "folders",
  "hub-trial",
  UNDO_ROLE,
  "probe",
  "version-check",
]);

/** Role of one in which a copy of the database is made or checked; it has the hub's secrets. */
export const DATABASE_COPY_ROLE = "database-copy";

/** Label that names the person whom a server or a home belongs to. */
export const USER_LABEL = "org.jupyterhub.user";

/** Label of an object that was made again since the one before was gone or had been changed; its value is the time. */
export const RECREATED_LABEL = "org.jupyterhub.recreated";

/** Label of a hub that was put back since the one that took its place did not come up; its value is the time. */
export const PUT_BACK_LABEL = "org.jupyterhub.put-back";

/** Label of a container that `./hub rollback` made; its value is the time. */
export const ROLLED_BACK_LABEL = "org.jupyterhub.rolled-back";

/** A label in the form that the Docker provider takes. */
export interface Label {
  readonly label: string;
  readonly value: string;
}

/** Labels of an object, sorted by key so that the same stack always renders the same list. */
export function labels(prefix: string, role: string): Label[] {
  return [
    { label: ROLE_LABEL, value: role },
    { label: STACK_LABEL, value: prefix },
  ];
}

/** Name of an object of the stack on the Docker host: `<prefix>-<role>`. */
export function physicalName(prefix: string, role: string): string {
  return `${prefix}-${role}`;
}

// The prefix is called so everywhere but in three places, which people's states and containers hold: another name there
// would build images and replace containers anew. They are the build argument STACK, the tasks' variable STACK_PREFIX, and
// the key namePrefix of the hub's and the Docker filter's settings files.

/** The prefix as an argument of an image's build, for its label. */
export const prefixArgument = (prefix: string) => ({ STACK: prefix });

/** The prefix in the environment of a task. */
export const prefixVariable = (prefix: string) => ({ STACK_PREFIX: prefix });

/** The prefix that this process, a task, was given. */
export const givenPrefix = (): string => process.env["STACK_PREFIX"] ?? "";

/** The prefix in a settings file. */
export const prefixSetting = (prefix: string) => ({ namePrefix: prefix });

/** A part of a name that is another one for another text: eight hexadecimal digits. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
