import type * as pulumi from "@pulumi/pulumi";

import type { ConfigOf, StorageConfig } from "../../config";
import type { Engine } from "../../preflight";

/** What all chapters know. */
export interface Cluster {
  readonly config: ConfigOf<"swarm">;
  /** Storage with homes where all nodes have them. */
  readonly storage: StorageConfig;
  /** That of the manager. */
  readonly engine: Engine;
  /** Address that browsers use. */
  readonly url: string;
  /** With the provider of the manager. */
  readonly opts: pulumi.ComponentResourceOptions;
}
