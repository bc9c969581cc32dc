/** What a plugin author writes: a provider as plain data and functions. The harness does the rest. */

/**
 * Properties of a resource as plain JavaScript values. Unknown values are {@link UNKNOWN}. Secrets arrive unwrapped: the
 * harness marks them again on the way out.
 */
export type Props = Record<string, unknown>;

/** A value that only the update itself will tell (previews only). */
export const UNKNOWN: unique symbol = Symbol("unknown");

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface PropertyDiff {
  kind: "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";
  /** True if the difference is between old and new inputs, not between state and new inputs. @default false */
  inputDiff?: boolean;
}

export interface DiffResult {
  changes: "DIFF_NONE" | "DIFF_SOME" | "DIFF_UNKNOWN";
  replaces?: string[];
  stables?: string[];
  deleteBeforeReplace?: boolean;
  diffs?: string[];
  detailedDiff?: Record<string, PropertyDiff>;
}

/** Messages to the engine, tied to the resource's urn. `status` is shown while the operation runs and then forgotten. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  status(message: string): void;
}

/** How the engine wants automatic names, if the user configured it. */
export interface Autonaming {
  proposedName: string;
  mode: "PROPOSE" | "ENFORCE" | "DISABLE";
}

/** One resource type. A thrown error fails the operation with its message; {@link InitError} keeps the resource. */
export interface ResourceDefinition {
  check(a: {
    urn: string;
    news: Props;
    olds?: Props;
    randomSeed?: Uint8Array;
    autonaming?: Autonaming;
  }): Promise<{ inputs: Props; failures?: CheckFailure[] }>;
  diff(a: {
    id: string;
    urn: string;
    olds: Props;
    oldInputs: Props;
    news: Props;
    ignoreChanges: string[];
  }): Promise<DiffResult>;
  create(a: {
    urn: string;
    inputs: Props;
    preview: boolean;
    timeoutMs?: number;
    log: Log;
    signal: AbortSignal;
  }): Promise<{ id: string; outputs: Props }>;
  /** Undefined means that the resource is gone. */
  read(a: {
    id: string;
    urn: string;
    inputs?: Props;
    state?: Props;
  }): Promise<{ id: string; inputs: Props; state: Props } | undefined>;
  update(a: {
    id: string;
    urn: string;
    olds: Props;
    oldInputs: Props;
    news: Props;
    preview: boolean;
    timeoutMs?: number;
    log: Log;
    signal: AbortSignal;
  }): Promise<{ outputs: Props }>;
  delete(a: {
    id: string;
    urn: string;
    state: Props;
    timeoutMs?: number;
    log: Log;
    signal: AbortSignal;
  }): Promise<void>;
}

/** Create or update failed half-way: the resource stays in the state, and the next update repairs or replaces it. */
export class InitError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: Props,
    readonly inputs: Props,
  ) {
    super(message);
    this.name = "InitError";
  }
}

export interface ProviderDefinition {
  name: string;
  version: string;
  /** @default the inputs as they are */
  checkConfig?(news: Props): Promise<{ inputs: Props; failures?: CheckFailure[] }>;
  /** @default the engine compares the inputs itself */
  diffConfig?(olds: Props, news: Props): Promise<DiffResult>;
  configure(config: Props): Promise<void>;
  /** Answers `Handshake`; older plugins do not. @default false */
  handshake?: boolean;
  /** Takes secrets marked as such, and so decides itself what else is secret. @default false: the engine does */
  acceptSecrets?: boolean;
  /** @default false */
  acceptResources?: boolean;
  /** @default false */
  acceptOutputs?: boolean;
  /** @default false */
  supportsPreview?: boolean;
  /** @default false */
  supportsAutonamingConfiguration?: boolean;
  /** By type token. */
  resources: Record<string, ResourceDefinition>;
  /** Outputs that are always secret, by type token. */
  secretOutputs?: Record<string, string[]>;
}
