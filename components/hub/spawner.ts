import { renderGpus, renderProfile } from "./profiles";
import { sorted } from "./sorted";
import type { HubSettings } from "./settings";

/** How notebook servers are made. */
export function renderSpawner(
  { notebook, prefix, network }: HubSettings,
  labels: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return {
    kind: "docker",
    image: notebook.image,
    network,
    namePrefix: prefix,
    command: notebook.command,
    startPage: notebook.startPage,
    environment: sorted(notebook.environment),
    limits: notebook.limits,
    gpus: renderGpus(notebook.gpus),
    profiles: notebook.profiles.map(renderProfile),
    labels: sorted(labels),
  };
}
