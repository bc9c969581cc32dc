import { secretName } from "../../../config/secrets";
import type { HubConfig } from "../../../config";
import { sorted } from "../../sorted";

/** Roles and services of the hub, by name. */
export type AccessSettings = Pick<HubConfig["hub"], "roles" | "services">;

/** Name of the secret with a service's token, given or generated. */
export function tokenName(service: string): string {
  return secretName(["hub", "services", service, "token"]);
}

/** Who may do what with the hub's API. Sorted, as an order means nothing and must not replace a hub. */
export function renderAccess({ roles, services }: AccessSettings): Record<string, unknown> {
  return {
    roles: Object.entries(sorted(roles)).map(([name, role]) => ({
      name,
      description: role.description,
      scopes: [...role.scopes].sort(),
      users: [...role.users].sort(),
      groups: [...role.groups].sort(),
      services: [...role.services].sort(),
    })),
    services: Object.entries(sorted(services)).map(([name, service]) => ({
      name,
      token: tokenName(name),
      scopes: [...service.scopes].sort(),
      url: service.url ?? null,
      command: service.command ?? null,
      environment: sorted(service.environment),
      secrets: sorted(service.secrets),
      display: service.display,
      oauthRedirectUri: service.oauthRedirectUri ?? null,
      oauthNoConfirm: service.oauthNoConfirm,
    })),
  };
}
