/** What the stacks of all variants take of the configuration for their hub. */
import * as pulumi from "@pulumi/pulumi";

import { tokenName } from "../components/hub/settings/access";
import type { RouteTargets } from "../components/proxy/routes";
import { ServiceTokens } from "../components/hub/service-tokens";
import { secretsFor, type HubConfig } from "../config";

/** The tokens of the hub's services: those of the configuration, and generated ones where it has none. */
export function hubTokens(config: HubConfig): {
  /** Secrets of the hub that are not in the configuration's. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** All tokens by service, secret; undefined without services. */
  readonly output: pulumi.Output<Record<string, string>> | undefined;
} {
  const { hub } = config;
  const secrets = secretsFor(config, "hub");
  const names = Object.keys(hub.services);
  if (names.length === 0) return { secrets: {}, output: undefined };
  const { tokens } = new ServiceTokens("service-tokens", {
    services: names.filter((name) => hub.services[name]?.token === undefined),
  });
  const token = (name: string) => tokens[name] ?? secrets[tokenName(name)] ?? "";
  return {
    secrets: Object.fromEntries(Object.entries(tokens).map(([name, value]) => [tokenName(name), value])),
    output: pulumi.secret(pulumi.all(Object.fromEntries(names.map((name) => [name, token(name)])))),
  };
}

/**
 * Where the hub's routes may lead to: notebook servers, itself, and its services. Configuration in Python may add any
 * other, and so opens all.
 */
export function routeTargets(
  { hub }: HubConfig,
  servers: Pick<RouteTargets, "networks" | "prefix">,
): RouteTargets | undefined {
  return hub.extraConfig === undefined ? { ...servers, services: Object.values(hub.services) } : undefined;
}
