/** The types that the rest of the program sees. All of it is read-only, and frozen at run time. */
import type * as pulumi from "@pulumi/pulumi";
import type { HubFile } from "./hub-files";
import type { ParsedValues } from "./schema";
import type { SecretText } from "./secrets";

/** Name of a secret of the configuration: its value is in `HubConfig.secrets`, and in a file of the hub. */
export type SecretName = string;

type DeepReadonly<T> = T extends SecretText
  ? SecretName
  : T extends (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> }
      : T;

type Values = DeepReadonly<ParsedValues>;
/** Parsed values with names in the place of secrets. */
export type VisibleValues = Values;

export type Variant = Values["variant"];
export type PortsConfig = Values["ports"];
/** Limits of one notebook server: memory and swap (on top of memory) in bytes. */
export type NotebookConfig = Values["notebook"];
export type NotebookImageConfig = NotebookConfig["image"];
export type LimitsConfig = NotebookConfig["limits"];
/** How people log in; names from files are among those of the lists. */
export type AuthConfig = Values["auth"] & {
  /** Text of `caFile`. */
  readonly caPem?: string;
};
export type StorageConfig = Values["storage"];
export type DatabaseConfig = Values["database"];
export type HubSettings = Values["hub"];
export type ServersConfig = Values["servers"];
export type ProxyConfig = Values["proxy"];
export type DockerConfig = Values["docker"];
export type NetworkConfig = Values["network"];
export type EgressConfig = Values["egress"];
export type LoggingConfig = Values["logging"];

export type SelfSignedTls = Extract<Values["tls"], { kind: "self-signed" }>;
/** Certificate and key as read from the files, checked to belong together. */
export type FilesTls<Secret = pulumi.Output<string>> = Extract<Values["tls"], { kind: "files" }> & {
  /** The server's certificate, then its chain. */
  readonly certificatePem: string;
  readonly keyPem: Secret;
};
/** ACME, with the authority of the directory's own certificate as read from its file. */
export type AcmeTls = Extract<Values["tls"], { kind: "acme" }> & { readonly caCertificatePem?: string };
export type ChallengeConfig = AcmeTls["challenge"];
/** Behind a load balancer that ends TLS. */
export type OffTls = Extract<Values["tls"], { kind: "off" }>;
export type TlsConfig<Secret = pulumi.Output<string>> = SelfSignedTls | FilesTls<Secret> | AcmeTls | OffTls;
export type EdgeConfig = Values["edge"];
export type DnsConfig = Values["dns"];

/**
 * The whole configuration of a stack.
 * @typeParam Secret a secret's type: `pulumi.Output<string>` for the program, plain text in the pure core.
 */
export type HubConfig<Secret = pulumi.Output<string>> = Omit<Values, "name" | "tls" | "auth"> & {
  /** Prefix of everything that is made on the Docker host. */
  readonly name: string;
  readonly tls: TlsConfig<Secret>;
  readonly auth: AuthConfig;
  /** The values of secret keys by name: `auth_client_secret`. The hub has each as a file. */
  readonly secrets: Readonly<Record<SecretName, Secret>>;
  /** What the hub gets of the stack's folder. */
  readonly hubFiles: readonly HubFile[];
};
