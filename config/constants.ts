/** What the schema, ./up and the tools have to agree on. Without zod, which ./up does not wait for. */

/** Name of the project in Pulumi.yaml: the namespace of the keys. */
export const PROJECT = "jupyterhub";
/** A Docker Engine's address. */
export const DOCKER_HOST =
  /^(unix:\/\/\/\S+|ssh:\/\/[^\s/]+\S*|tcp:\/\/[^\s/:]+(:[0-9]+)?|tcp:\/\/\[[0-9a-fA-F:]+\](:[0-9]+)?)$/;
/** `name`: the prefix of the names of all that a stack makes. */
export const PREFIX = /^[a-z0-9][a-z0-9-]{1,30}$/;

/** `proxy.image` by default. */
export const TRAEFIK_IMAGE = "traefik:v3.7.15";
/** `database.image` by default. */
export const POSTGRES_IMAGE = "postgres:17.11-trixie";
