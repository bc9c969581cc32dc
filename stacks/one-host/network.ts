/** What the notebook servers of one host may reach: their network, its rules, the proxy that is the way out. */
import type * as pulumi from "@pulumi/pulumi";

import type { Lockdown } from "../../components/hub/settings/lockdown";
import { type AddressPlan, addressPlan } from "../../components/network/addresses";
import { EgressProxy } from "../../components/network/egress-proxy";
import { EGRESS_ALIAS, EGRESS_PORT } from "../../components/network/egress-settings";
import { Firewall } from "../../components/network/firewall";
import { Networks } from "../../components/network/networks";
import type { Host } from "./host";
import type { HostImages } from "./images";

export interface HostNetwork {
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
export function hostNetwork({ config, engine, variation, opts }: Host, images: HostImages): HostNetwork {
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
      mtu: config.network.mtu,
      egress: hasEgress,
    },
    images.after,
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
    images.after,
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
