import { posix } from "node:path";

import type { HubConfig } from "../../../config";
import { sorted } from "../../sorted";
import { pathIn } from "./pages";
import { HUB_ALIAS, paths } from "./paths";
import { section } from "./section";

/** The hub itself. Its pages, roles and services have sections of their own; its image is made already. */
export function renderHub(
  { stack, hub, hubFiles, edge }: Pick<HubConfig, "stack" | "hub" | "hubFiles" | "edge">,
  publicUrl: string,
) {
  const {
    image,
    startTimeout,
    announcement,
    logo,
    templates,
    staticFiles,
    roles,
    services,
    environment,
    secretEnvironment,
    ...own
  } = hub;
  const file = pathIn(hubFiles, "extra-config");
  // Of several parts their folder: the hub runs all in it, sorted by name.
  const path = file !== null && hub.extraConfig?.kind === "parts" ? posix.dirname(file) : file;
  return section(["publicUrl", "baseUrl", "logLevel"], {
    publicUrl,
    // Scheme, name and port below which people's servers have names of their own; none for paths.
    subdomainHost: edge.userSubdomains ? new URL(publicUrl).origin : undefined,
    ...own,
    // In no file of a hub that has none.
    ...(isEmpty(environment) ? {} : { environment: sorted(environment) }),
    ...(isEmpty(secretEnvironment) ? {} : { secretEnvironment: sorted(secretEnvironment) }),
    extraConfig: path === null ? null : { path, secrets: hub.extraConfig?.secrets ?? {} },
    connectHost: HUB_ALIAS,
    dataDir: paths.data,
    stack,
  });
}

const isEmpty = (map: object): boolean => Object.keys(map).length === 0;
