import type * as pulumi from "@pulumi/pulumi";

import type { EgressRule } from "../../components/network/egress-settings";
import type { Reach } from "../../components/network/firewall-settings";
import type { ConfigOf } from "../../config";
import type { Engine } from "../../preflight";

/** What the variants on one host differ in. */
export interface HostVariation {
  /** Whether the notebooks' network has no way out. */
  readonly closed: boolean;
  /** Name servers of notebook servers; none for the Docker host's. */
  readonly dns: readonly string[];
  readonly reach: Omit<Reach, "egressPort">;
  /** What notebook servers reach through a proxy; none for no proxy. */
  readonly egress: readonly EgressRule[];
}

/** What all chapters know. */
export interface Host {
  readonly config: ConfigOf<"single-host" | "lockdown">;
  readonly engine: Engine;
  readonly variation: HostVariation;
  /** Address that browsers use. */
  readonly url: string;
  /** With the provider of the Docker host. */
  readonly opts: pulumi.ComponentResourceOptions;
}
