/** What a stack generates, or is given, before anything is on a Docker host. */
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../components/auth/credentials";
import type { Kept } from "../components/generated";
import { ServiceTokens } from "../components/hub/service-tokens";
import { tokenName } from "../components/hub/settings/access";
import { TlsSecrets } from "../components/tls/tls-secrets";
import { type HubConfig, secretsFor } from "../config";
import { tlsSource } from "./edge";
import { passwordsOf } from "./login";
import type { Outputs, OutputValues } from "./outputs";

/** The tokens of the hub's services: those of the configuration, and generated ones where it has none. */
export interface HubTokens {
  /** Secrets of the hub that are not in the configuration's. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** All tokens by service, secret; undefined without services. */
  readonly all: pulumi.Output<Record<string, string>> | undefined;
}

export function hubTokens(config: HubConfig, kept?: Kept): HubTokens {
  const { hub } = config;
  const secrets = secretsFor(config, "hub");
  const names = Object.keys(hub.services);
  if (names.length === 0) {
    return { secrets: {}, all: undefined };
  }
  const { tokens } = new ServiceTokens("service-tokens", {
    services: names.filter((name) => hub.services[name]?.token === undefined),
    kept,
  });
  const token = (name: string) => tokens[name] ?? secrets[tokenName(name)] ?? "";
  return {
    secrets: Object.fromEntries(Object.entries(tokens).map(([name, value]) => [tokenName(name), value])),
    all: pulumi.secret(pulumi.all(Object.fromEntries(names.map((name) => [name, token(name)])))),
  };
}

/** The tokens for whoever runs the services. */
export function tokenOutputs({ all }: HubTokens): Outputs<Pick<OutputValues, "serviceTokens">> {
  return all === undefined ? {} : { serviceTokens: all };
}

export interface StackSecrets {
  readonly credentials: Credentials;
  /** Tokens of the hub's services. */
  readonly tokens: HubTokens;
  /** Certificate and key, where the stack has its own. */
  readonly tls: TlsSecrets | undefined;
}

/**
 * @param now the moment that decides whether a new certificate is due
 * @param kept secrets from before the stack's state was lost
 */
export function stackSecrets(config: HubConfig, now: Date, kept?: Kept): StackSecrets {
  const source = tlsSource(config, now);
  return {
    credentials: new Credentials("credentials", { passwords: passwordsOf(config.auth.kind), kept }),
    tokens: hubTokens(config, kept),
    tls: source && new TlsSecrets("tls", { source }),
  };
}

/** Files of the hub with what nobody may see. */
export type SecretFiles = Readonly<Record<string, pulumi.Input<string>>>;
