/** Secret values of the configuration: taken out of it, so that what is left can be logged, diffed and rendered. */
import { createHash } from "node:crypto";

/**
 * Who a secret of the configuration is for. `hub`: the hub's container, as a file. `proxy`: Traefik's container.
 * `registry`: the engines that pull from the registry, and the Docker API filter of a Swarm, which logs in for them.
 * `backup`: the container that makes backups.
 * `program`: this program alone.
 */
export type SecretReader = "hub" | "proxy" | "registry" | "backup" | "program";

/** A secret value between the schema and `takeSecrets`. */
export class SecretText {
  readonly #value: string;

  /** Who is given it. */
  readonly readers: readonly SecretReader[];

  constructor(value: string, readers: readonly [SecretReader, ...SecretReader[]]) {
    this.#value = value;
    this.readers = readers;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return "[secret]";
  }
}

/**
 * Sections with names that anybody may choose: of people, groups and variables, in any language and of any length. A file's
 * name would not tell them all apart.
 */
const FREE_NAMES: ReadonlySet<string> = new Set(["groups", "users", "notebook"]);

/** The name of a secret, by the place of its key: `auth.clientSecret` is `auth_client_secret`. The hub has a file of this name. */
export function secretName(path: readonly string[]): string {
  const [top = ""] = path;
  if (FREE_NAMES.has(top)) {
    return `${top}_${createHash("sha256").update(JSON.stringify(path)).digest("hex").slice(0, 24)}`;
  }
  return path
    .map((step) => step.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]/g, "_"))
    .join("_")
    .toLowerCase();
}

interface TakenSecret {
  readonly text: string;
  readonly readers: readonly SecretReader[];
  readonly path: readonly string[];
}

export interface Taken {
  /** The values with the name of each secret in its place. */
  readonly values: unknown;
  /** The secrets by name, and where they were. */
  readonly secrets: Readonly<Record<string, TakenSecret>>;
}

/** Takes the secrets out of parsed values. */
export function takeSecrets(values: unknown): Taken {
  const secrets: Record<string, TakenSecret> = {};
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (value instanceof SecretText) {
      const name = secretName(path);
      secrets[name] = { text: value.reveal(), readers: value.readers, path };
      return name;
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => walk(item, [...path, String(index)]));
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { values: walk(values, []), secrets };
}

/** A secret of the configuration. It has to be asked for by who reads it: `secretsFor`. */
export interface Secret<Value> {
  readonly value: Value;
  readonly readers: readonly SecretReader[];
}

/** The secrets of the configuration that are for a reader, by name: the only way to their values. */
export function secretsFor<Value>(
  { secrets }: { readonly secrets: Readonly<Record<string, Secret<Value>>> },
  reader: SecretReader,
): Readonly<Record<string, Value>> {
  const ours = Object.entries(secrets).filter(([, { readers }]) => readers.includes(reader));
  return Object.fromEntries(ours.map(([name, { value }]) => [name, value]));
}
