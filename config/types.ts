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
export type NotebookImageConfig = Values["notebook"]["image"];
/** Limits of one notebook server: memory and swap (on top of memory) in bytes. */
export type LimitsConfig = Values["notebook"]["limits"];
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
export type BackupConfig = NonNullable<Values["backup"]>;
export type ServersConfig = Values["servers"];
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
/** A Swarm; its images are in a registry, and its homes are somewhere. */
export type SwarmConfig = Omit<Values["swarm"], "registry" | "homes"> & {
  readonly registry: NonNullable<Values["swarm"]["registry"]>;
  readonly homes: NonNullable<Values["swarm"]["homes"]>;
};

type SelfSignedTls = Extract<Values["tls"], { kind: "self-signed" }>;
/** Certificate and key as read from the files, checked to belong together. */
type FilesTls<Secret> = Extract<Values["tls"], { kind: "files" }> & {
  /** The server's certificate, then its chain. */
  readonly certificatePem: string;
  readonly keyPem: Secret;
};
/** ACME, with the authority of the directory's own certificate as read from its file. */
type AcmeTls = Extract<Values["tls"], { kind: "acme" }> & { readonly caCertificatePem?: string };
/** Behind a load balancer that ends TLS. */
type OffTls = Extract<Values["tls"], { kind: "off" }>;
/** What every node of a Swarm can speak. */
type SharedTls<Secret> = SelfSignedTls | FilesTls<Secret> | OffTls;
export type TlsConfig<Secret = pulumi.Output<string>> = SharedTls<Secret> | AcmeTls;

/** A file for the hub's container. */
export interface HubFile {
  readonly place: "extra-config" | "templates" | "static" | "logo";
  /** Name in its place, with / between folders. */
  readonly name: string;
  readonly base64: string;
}

/** What the configurations of all variants have. */
type CommonConfig<Secret> = Omit<
  Values,
  "variant" | "name" | "tls" | "auth" | "docker" | "database" | "swarm"
> & {
  /** Prefix of everything that is made on the Docker host. */
  readonly name: string;
  /** Pulumi's name of the stack, for commands in messages. */
  readonly stack: string;
  readonly auth: AuthConfig;
  readonly docker: DockerConfig<Secret>;
  /** The secret keys by name: `auth_client_secret`. `secretsFor` has their values. */
  readonly secrets: Readonly<Record<SecretName, SecretOf<Secret>>>;
  /** What the hub gets of the stack's folder. */
  readonly hubFiles: readonly HubFile[];
};

interface HostConfig<Secret> extends CommonConfig<Secret> {
  readonly tls: TlsConfig<Secret>;
  readonly database: DatabaseConfig;
}

interface ByVariant<Secret> {
  readonly "single-host": HostConfig<Secret> & { readonly variant: "single-host" };
  readonly lockdown: HostConfig<Secret> & { readonly variant: "lockdown" };
  readonly swarm: CommonConfig<Secret> & {
    readonly variant: "swarm";
    readonly swarm: SwarmConfig;
    readonly tls: SharedTls<Secret>;
    readonly database: Exclude<DatabaseConfig, { kind: "postgres" }>;
  };
}

/**
 * The whole configuration of a stack with one of some variants: what they cannot do is not in it.
 * @typeParam Secret a secret's type: `pulumi.Output<string>` for the program, plain text in the pure core.
 */
export type ConfigOf<V extends Variant, Secret = pulumi.Output<string>> = ByVariant<Secret>[V];
/** The whole configuration of a stack. */
export type HubConfig<Secret = pulumi.Output<string>> = ConfigOf<Variant, Secret>;
