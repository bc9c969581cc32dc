/** What the notebook servers of one host may reach: their network, its rules, the proxy that is the way out. */
import type * as pulumi from "@pulumi/pulumi";

import { EgressProxy } from "../components/network/egress-proxy";
import { EGRESS_ALIAS, EGRESS_PORT, type EgressRule } from "../components/network/egress-settings";
import { Firewall } from "../components/network/firewall";
import type { Reach } from "../components/network/firewall-settings";
import type { Lockdown } from "../components/hub/settings/lockdown";
import { Networks } from "../components/network/networks";
import { addressPlan, type AddressPlan } from "../components/network/addresses";
import type { HubConfig } from "../config";
import type { Engine } from "../preflight";

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

interface Context {
  readonly config: HubConfig;
  readonly engine: Engine;
  readonly variation: HostVariation;
  readonly images: { readonly hub: pulumi.Input<string>; readonly firewall: pulumi.Input<string> };
  readonly opts: pulumi.ComponentResourceOptions;
  /** `opts`, and after all images. */
  readonly withImages: pulumi.ComponentResourceOptions;
}

export interface NotebookReach {
  readonly addresses: AddressPlan;
  readonly networks: Networks;
  readonly firewall: Firewall;
  readonly egress: EgressProxy | undefined;
  /** For what is on the notebooks' network: it comes after the rules, and goes before them. */
  readonly behindFirewall: pulumi.ComponentResourceOptions;
  /** The hub's part. */
  readonly hub: {
    readonly lockdown: Lockdown | undefined;
    readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;
    /** Its way to identity providers and the like, where the notebooks' network leads nowhere. */
    readonly networks: { readonly outside?: pulumi.Input<string> };
  };
}

/** Makes networks and rules, and the egress proxy where something is allowed. */
export function notebookReach(context: Context): NotebookReach {
  const { config, engine, variation, images, opts, withImages } = context;
  const { name: prefix, logging } = config;
  const { closed, dns } = variation;
  const addresses = addressPlan(prefix, config.network.subnet);
  const hasEgress = variation.egress.length > 0;

  const networks = new Networks(
    "network",
    {
      prefix,
      addresses,
      closed,
      isolatedGateway: engine.isolatedGateway,
      subnets: config.network,
      egress: hasEgress,
    },
    withImages,
  );
  // Before all that is on the network, and after it when all goes: there is no moment without rules. The network itself
  // does not have to be there yet.
  const firewall = new Firewall(
    "firewall",
    {
      prefix,
      image: images.firewall,
      addresses,
      reach: { ...variation.reach, ...(hasEgress ? { egressPort: EGRESS_PORT } : {}) },
      logging,
    },
    withImages,
  );
  const behindFirewall = { ...opts, dependsOn: [firewall] };
  const egress =
    networks.egress &&
    new EgressProxy(
      "egress",
      {
        prefix,
        image: images.hub,
        allow: variation.egress,
        networks: {
          notebooks: networks.notebooks.name,
          address: addresses.egress,
          egress: networks.egress.name,
        },
        logging,
      },
      behindFirewall,
    );
  const lockdown: Lockdown = {
    dns,
    ...(hasEgress ? { egress: { host: EGRESS_ALIAS, port: EGRESS_PORT } } : {}),
  };
  return {
    addresses,
    networks,
    firewall,
    egress,
    behindFirewall,
    hub: {
      lockdown: closed ? lockdown : undefined,
      secrets: egress === undefined ? {} : { egress_key: egress.key },
      networks: closed ? { outside: networks.public.name } : {},
    },
  };
}
