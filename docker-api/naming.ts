/** What every object that a stack makes on a Docker host has in common: its name's prefix and its labels. */
import { createHash } from "node:crypto";

/** Label that names the stack an object belongs to; its value is the stack's prefix. */
export const STACK_LABEL = "org.jupyterhub.stack";

/** Label that names what an object is for: `hub`, `proxy`, `docker-filter`, `user`, … */
export const ROLE_LABEL = "org.jupyterhub.role";

/** Label that names the person whom a server or a home belongs to. */
export const USER_LABEL = "org.jupyterhub.user";

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

/** A part of a name that is another one for another text: eight hexadecimal digits. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
