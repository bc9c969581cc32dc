/** What the stacks of all variants take of the configuration for their hub. */
import type { ContainerFile } from "../components/container";
import type { HubSecrets } from "../components/hub/contents";
import { authFiles } from "../components/hub/settings/auth";
import { hubUploads } from "../components/hub/settings/pages";
import type { RouteTargets } from "../components/proxy/routes";
import { type HubConfig, secretsFor } from "../config";
import { passwordSecrets } from "./login";
import type { SecretFiles, StackSecrets } from "./secrets";

/**
 * Files of the hub with what nobody may see.
 *
 * @param others of what the stack made: its database, its routes, …
 */
export function hubSecrets(
  config: HubConfig,
  { credentials, tokens }: StackSecrets,
  others: SecretFiles,
): HubSecrets {
  return {
    ...secretsFor(config, "hub"),
    ...tokens.secrets,
    cookie_secret: credentials.cookieSecret,
    crypt_key: credentials.cryptKey,
    proxy_api_password: credentials.proxyApiPassword,
    ...passwordSecrets(credentials),
    ...others,
  };
}

/** Other files of the hub: authorities of the login service, and what is in the stack's folder. */
export function hubFiles({ auth, hubFiles: files }: HubConfig): readonly ContainerFile[] {
  return [...authFiles(auth), ...hubUploads(files)];
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
