/** What `pulumi stack output` shows. Programs and scripts of other people read it: a name stays what it is. */
import type * as pulumi from "@pulumi/pulumi";

import type { NodeOutput } from "../components/swarm/entry";
import type { AuthConfig } from "../config";
import type { DnsRecord } from "./dns-records";

/** How people log in. Secrets are shown with `--show-secrets`. */
export interface LoginValues {
  readonly login: AuthConfig["kind"];
  /** Names of the configuration's lists, but for those who may not log in. */
  readonly users?: readonly string[];
  readonly admins?: readonly string[];
  /** Secret. */
  readonly userPassword?: string;
  /** Secret. */
  readonly adminPassword?: string;
  /** Addresses for those who register the hub at a login service. */
  readonly callbackUrl?: string;
  readonly loginUrl?: string;
  readonly toolConfigurationUrl?: string;
  /** Where people make an account of the hub's own. */
  readonly signUpUrl?: string;
}

/** The certificate, where the stack has one of its own. */
export interface CertificateValues {
  /** When it ends, as ISO 8601 has it, and whole days until then. */
  readonly certificateExpiry?: string;
  readonly certificateDaysLeft?: number;
  /** Certificate of the stack's own authority in PEM. */
  readonly caCertificate?: string;
}

export interface DnsValues {
  /** For a program. */
  readonly dnsRecords: readonly DnsRecord[];
  /** The same for a person. */
  readonly zoneFile: string;
}

/** All outputs, as those who read them get them. */
export interface OutputValues extends LoginValues, CertificateValues, DnsValues {
  /** Address that browsers use, with the base URL and a slash at its end. */
  readonly url: string;
  /** Prefix of everything on the Docker host. */
  readonly name: string;
  /** Tokens of the hub's services, by service. Secret. */
  readonly serviceTokens?: Readonly<Record<string, string>>;
  /** Nodes of a Swarm. */
  readonly nodes?: readonly NodeOutput[];
}

/** Values as a stack has them while it is made. */
export type Outputs<Values> = { readonly [Name in keyof Values]: pulumi.Input<Values[Name]> };

/** What a stack returns. */
export type StackOutputs = Outputs<OutputValues>;

/** What is in a state, which an older version may have written: a secret output is an object with its ciphertext. */
export type StateOutputs = { readonly [Name in keyof OutputValues]?: unknown };
