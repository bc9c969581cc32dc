import { createHash } from "node:crypto";

import { API_ALIAS } from "./static-configuration";

/** The hub, as Traefik's API knows it. */
export const API_USER = "hub";

/**
 * Traefik's API for the hub, and its figures: they have to be there before any route, and notebooks have to be kept out of
 * them.
 */
export function apiConfiguration(api: {
  readonly user: string;
  readonly password: string;
  /** Networks that it may be asked from; undefined where it is on the control network only. */
  readonly sources?: readonly string[];
  readonly metrics: boolean;
}): string {
  const hash = createHash("sha1").update(api.password).digest("base64");
  const sources = api.sources === undefined ? [] : ["api-sources"];
  return JSON.stringify({
    http: {
      routers: {
        api: {
          rule: `Host(\`${API_ALIAS}\`) && PathPrefix(\`/api\`)`,
          entryPoints: ["api"],
          service: "api@internal",
          middlewares: [...sources, "api-login"],
        },
        ...(api.metrics
          ? {
              metrics: {
                rule: "Path(`/metrics`)",
                entryPoints: ["metrics"],
                service: "prometheus@internal",
                middlewares: sources,
              },
            }
          : {}),
      },
      middlewares: {
        ...(api.sources === undefined
          ? {}
          : { "api-sources": { ipAllowList: { sourceRange: [...api.sources] } } }),
        "api-login": { basicAuth: { users: [`${api.user}:{SHA}${hash}`] } },
      },
    },
  });
}
