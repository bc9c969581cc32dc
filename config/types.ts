/** The types that the rest of the program sees. All of it is read-only, and frozen at run time. */
import type * as pulumi from "@pulumi/pulumi";
import type { ParsedValues } from "./schema";
import type { Secret as SecretOf, SecretText } from "./secrets";

/** Name of a secret of the configuration: `secretsFor` has its value, for who reads it. */
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
export type GroupConfig = Values["groups"][string];
export type UserConfig = Values["users"][string];
/** `caPem`: what is in the file of `ca`. */
export type DatabaseConfig = Values["database"] & { readonly caPem?: string };
export type HubSettings = Values["hub"];
export type ServersConfig = Values["servers"];
export type ProxyConfig = Values["proxy"];
export type NetworkConfig = Values["network"];
export type EgressConfig = Values["egress"];
/** An engine's address, with the contents of the certificates' files beside their paths. */
export type DockerConfig<Secret = pulumi.Output<string>> = Omit<Values["docker"], "tls"> & {
  readonly tls?:
    | (NonNullable<Values["docker"]["tls"]> & {
        readonly caPem: string;
        readonly certificatePem: string;
        readonly keyPem: Secret;
      })
    | undefined;
};
export type SwarmConfig = Values["swarm"];
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
/** A file for the hub's container. */
export interface HubFile {
  readonly place: "extra-config" | "templates" | "static" | "logo";
  /** Name in its place, with / between folders. */
  readonly name: string;
  readonly base64: string;
}

export type HubConfig<Secret = pulumi.Output<string>> = Omit<
  Values,
  "name" | "tls" | "auth" | "docker" | "database"
> & {
  /** Prefix of everything that is made on the Docker host. */
  readonly name: string;
  readonly tls: TlsConfig<Secret>;
  readonly auth: AuthConfig;
  readonly docker: DockerConfig<Secret>;
  readonly database: DatabaseConfig;
  /** The secret keys by name: `auth_client_secret`. `secretsFor` has their values. */
  readonly secrets: Readonly<Record<SecretName, SecretOf<Secret>>>;
  /** What the hub gets of the stack's folder. */
  readonly hubFiles: readonly HubFile[];
};
