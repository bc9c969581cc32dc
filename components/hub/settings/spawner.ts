import { renderGpus, renderProfile, type Gpus, type ProfileSettings } from "./profiles";
import { sorted } from "../../sorted";

/** What the hub's settings say of notebook servers. */
export interface SpawnerSettings {
  readonly notebook: {
    /** Id of the image that servers are made from. */
    readonly image: string;
    /** Command of the image, or null for the image's own. */
    readonly command: readonly string[] | null;
    /** Path that people see first, such as `/lab`. */
    readonly startPage: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly limits: {
      /** Bytes. */
      readonly memory: number;
      /** Bytes on top of `memory`; 0 for no swap, -1 for as much as there is. */
      readonly swap: number;
      /** Processors, such as 0.5. */
      readonly cpus: number;
      readonly processes: number;
    };
    readonly gpus: Gpus | undefined;
    /** Kinds of servers to choose from; none for one kind without a choice. */
    readonly profiles: readonly ProfileSettings[];
  };
  /** Prefix of all names of the stack. */
  readonly prefix: string;
  /** Network that notebook servers join. */
  readonly network: string;
}

/** How notebook servers are made. */
export function renderSpawner(
  { notebook, prefix, network }: SpawnerSettings,
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
