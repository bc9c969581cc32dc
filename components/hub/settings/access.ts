import type { HubConfig } from "../../../config";
import { secretName } from "../../../config/secrets";
import { sorted } from "../../sorted";
import { section } from "./section";

/** Name of the secret with a service's token, given or generated. */
export function tokenName(service: string): string {
  return secretName(["hub", "services", service, "token"]);
}

/** Who may do what with the hub's API. Sorted, as an order means nothing and must not replace a hub. */
export function renderAccess({ roles, services }: Pick<HubConfig["hub"], "roles" | "services">) {
  return {
    roles: Object.entries(sorted(roles)).map(([name, role]) => ({
      name,
      ...role,
      scopes: [...role.scopes].sort(),
      users: [...role.users].sort(),
      groups: [...role.groups].sort(),
      services: [...role.services].sort(),
    })),
    services: Object.entries(sorted(services)).map(([name, service]) =>
      section(
        [
          "name",
          "token",
          "scopes",
          "url",
          "command",
          "environment",
          "secrets",
          "display",
          "oauthRedirectUri",
        ],
        {
          ...service,
          name,
          token: tokenName(name),
          scopes: [...service.scopes].sort(),
          environment: sorted(service.environment),
          secrets: sorted(service.secrets),
        },
      ),
    ),
  };
}
