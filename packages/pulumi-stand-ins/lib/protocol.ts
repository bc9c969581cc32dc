/** The resource provider protocol in its JSON form: requests, answers, and what goes to the engine beside them. */
import type { JsonObject } from "./marshal";
import type { Autonaming, CheckFailure, DiffResult, PropertyDiff } from "./types";

/** What the engine is told when a resource was made but not finished. */
export interface InitFailure {
  id: string;
  properties: JsonObject;
  inputs: JsonObject;
  reasons: string[];
}

export type Severity = "info" | "warning" | "error";
/** Where messages to the user go. `flush` resolves when all were delivered. */
export interface MessageSink {
  send(message: { severity: Severity; text: string; urn: string; ephemeral: boolean }): void;
  flush(): Promise<void>;
}
export interface ResourceRequest {
  urn: string;
  /** Type token; engines before 3.100 leave it out. @default the type in the urn */
  type?: string;
}
export interface Timed {
  /** Seconds; 0 and undefined mean none. */
  timeout?: number;
}
export interface Inspected {
  inputs?: JsonObject;
  failures?: CheckFailure[];
}

export interface ConfigureResponse {
  acceptSecrets?: true;
  supportsPreview?: true;
  acceptResources?: true;
  acceptOutputs?: true;
  supportsAutonamingConfiguration?: true;
}

export interface DiffResponse {
  changes?: DiffResult["changes"];
  replaces?: string[];
  stables?: string[];
  deleteBeforeReplace?: boolean;
  diffs?: string[];
  detailedDiff?: Record<string, PropertyDiff>;
  hasDetailedDiff?: true;
}

export interface ProviderService {
  handshake(): Promise<Omit<ConfigureResponse, "supportsPreview">>;
  getPluginInfo(): Promise<{ version: string }>;
  getSchema(): Promise<{ schema: string }>;
  checkConfig(q: { news?: JsonObject }): Promise<Inspected>;
  diffConfig(q: { olds?: JsonObject; news?: JsonObject }): Promise<DiffResponse>;
  configure(q: { args?: JsonObject; variables?: Record<string, string> }): Promise<ConfigureResponse>;
  check(
    q: ResourceRequest & {
      olds?: JsonObject;
      news?: JsonObject;
      /** Base64. */
      randomSeed?: string;
      autonaming?: Autonaming;
    },
  ): Promise<Inspected>;
  diff(
    q: ResourceRequest & {
      id: string;
      olds?: JsonObject;
      oldInputs?: JsonObject;
      news?: JsonObject;
      ignoreChanges?: string[];
    },
  ): Promise<DiffResponse>;
  create(
    q: ResourceRequest & Timed & { properties?: JsonObject; preview?: boolean },
  ): Promise<{ id?: string; properties: JsonObject }>;
  read(
    q: ResourceRequest & { id: string; properties?: JsonObject; inputs?: JsonObject },
  ): Promise<{ id?: string; properties?: JsonObject; inputs?: JsonObject }>;
  update(
    q: ResourceRequest &
      Timed & {
        id: string;
        olds?: JsonObject;
        oldInputs?: JsonObject;
        news?: JsonObject;
        ignoreChanges?: string[];
        preview?: boolean;
      },
  ): Promise<{ properties: JsonObject }>;
  delete(q: ResourceRequest & Timed & { id: string; properties?: JsonObject }): Promise<JsonObject>;
  cancel(): Promise<JsonObject>;
  /** Not of the protocol: resolves when no operation runs. */
  idle(): Promise<void>;
}
