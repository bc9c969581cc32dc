/** Secret values of the configuration: taken out of it, so that what is left can be logged, diffed and rendered. */

/** A secret value between the schema and `takeSecrets`. */
export class SecretText {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return "[secret]";
  }
}

/** The name of a secret, by the place of its key: `auth.clientSecret` is `auth_client_secret`. The hub has a file of this name. */
export function secretName(path: readonly string[]): string {
  return path
    .map((step) => step.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]/g, "_"))
    .join("_")
    .toLowerCase();
}

export interface Taken {
  /** The values with the name of each secret in its place. */
  readonly values: unknown;
  /** The secrets by name, and where they were. */
  readonly secrets: Readonly<Record<string, { readonly text: string; readonly path: readonly string[] }>>;
}

/** Takes the secrets out of parsed values. */
export function takeSecrets(values: unknown): Taken {
  const secrets: Record<string, { text: string; path: readonly string[] }> = {};
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (value instanceof SecretText) {
      const name = secretName(path);
      secrets[name] = { text: value.reveal(), path };
      return name;
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, String(index)]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { values: walk(values, []), secrets };
}
