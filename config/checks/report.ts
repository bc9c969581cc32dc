/** What the checks find: errors with the command that puts each right, warnings, and values from several keys. */
import type { ParseContext } from "../context";
import { type ConfigError, describeValue, formatKey, type Path, removeCommand, setCommand } from "../errors";
import { schemaAt, valueAt } from "../json-schema";
import type {
  AuthConfig,
  DatabaseConfig,
  DockerConfig,
  HubFile,
  SwarmConfig,
  TlsConfig,
  VisibleValues,
} from "../types";
import { own, type Words, words } from "./words";

/** The values that passed the schema: a missing one has errors of its own already. */
export type Values = Partial<VisibleValues>;

/** Values that come from more than their own key. */
export interface Derived {
  readonly name?: string;
  readonly tls?: TlsConfig<string>;
  readonly auth?: AuthConfig;
  readonly hubFiles?: readonly HubFile[];
  readonly notebook?: VisibleValues["notebook"];
  readonly docker?: DockerConfig<string>;
  readonly database?: DatabaseConfig;
  /** Of a Swarm only. */
  readonly swarm?: SwarmConfig;
}

export type Check = (values: Values, report: Report) => void;

/** What a refusal says beside what was expected. Without `set`, `remove` and `fix` the key's own example is set. */
export interface Refusal {
  /** What is there, where the value itself does not say it. */
  readonly got?: Words;
  /** A value that would do, never made of what is there: see `Report.made`. */
  readonly set?: unknown;
  /** Whether the way out is to remove the key, or another one. */
  readonly remove?: boolean;
  /** The way out where it is no command, or what is to be said before one. */
  readonly fix?: Words;
  /** Another way out. */
  readonly or?: Words;
}

/**
 * What is found of one configuration. A value of a key that is kept secret is never shown: texts are `Words`, into which
 * a value comes by `value` alone.
 */
export class Report {
  readonly errors: ConfigError[] = [];
  readonly warnings: string[] = [];
  readonly derived: Derived = {};
  readonly #values: Values;

  constructor(
    readonly context: ParseContext,
    values: Values = {},
  ) {
    this.#values = values;
  }

  /** Refuses the value at `path`. */
  refuse(path: Path, expected: Words, refusal: Refusal = {}): void {
    this.errors.push({
      key: formatKey(this.context.project, path),
      expected: String(expected),
      got: String(refusal.got ?? this.value(path)),
      fix: this.#wayOut(path, refusal),
    });
  }

  /** Something to be known, as a sentence. */
  warn(text: Words): void {
    this.warnings.push(String(text));
  }

  derive(values: Derived): void {
    Object.assign(this.derived, values);
  }

  /** A key's name. */
  key(path: Path): Words {
    return own(formatKey(this.context.project, path));
  }

  /** The value at `path`, or a text that was made of it, as far as it may be shown. */
  value(path: Path, text?: string): Words {
    const value = valueAt(path, this.#values);
    if ((value !== undefined || text !== undefined) && this.#isHidden(path)) {
      return own("a secret value");
    }
    return own(text ?? describeValue(value));
  }

  /** A value for `set` that was made of the one at `path`; `otherwise` where that may not be shown. */
  made<T>(path: Path, value: T, otherwise: T): T {
    return this.#isHidden(path) ? otherwise : value;
  }

  /** The command that sets a key. */
  set(path: Path, value: unknown): Words {
    const secret = schemaAt(path, this.#values)?.secret === true;
    return own(setCommand(this.context, path, value, { secret }));
  }

  /** The command that removes a key. */
  remove(path: Path): Words {
    return own(removeCommand(this.context, path));
  }

  /** Every name of a list once: two spellings of one are the same person. */
  once(list: Path, names: readonly string[]): void {
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) {
        return;
      }
      const path = [...list, index];
      this.refuse(path, words`every name once`, { got: words`${this.value(path)} again`, remove: true });
    });
  }

  #wayOut(path: Path, { set, remove, fix, or }: Refusal): string {
    const command =
      remove === true
        ? words`Remove it with: ${this.remove(path)}`
        : set !== undefined || fix === undefined
          ? words`Set it with: ${this.set(path, set ?? schemaAt(path, this.#values)?.example)}`
          : undefined;
    const sentences = [fix, command].filter((part) => part !== undefined).join(" ");
    return or === undefined ? sentences : `${sentences} (or ${String(or)})`;
  }

  /**
   * Whether the value at `path` may not be shown. Pulumi says of a whole key that something in it is secret, not what;
   * one of the few words that the schema has there is none.
   */
  #isHidden(path: Path): boolean {
    if (!this.context.secretKeys?.has(String(path[0]))) {
      return false;
    }
    const node = schemaAt(path, this.#values);
    const value = valueAt(path, this.#values);
    return !(typeof value === "boolean" || (node?.enum?.includes(value) ?? node?.const === value));
  }
}
