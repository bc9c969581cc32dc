import type * as pulumi from "@pulumi/pulumi";

import type { NodeFirewall } from "../../components/hub/settings/wiring";
import type { SwarmCommonArgs } from "../../components/swarm/common";
import { SwarmFirewall } from "../../components/swarm/firewall";
import { OverlayNetworks } from "../../components/swarm/networks";
import { SwarmMembers } from "../../components/swarm/swarm-members";
import { gatewayOf } from "../../config/values/cidr";
import type { Cluster } from "./cluster";
import type { ClusterImages } from "./images";

export interface ClusterNetwork {
  readonly members: SwarmMembers;
  readonly networks: OverlayNetworks;
  readonly firewall: SwarmFirewall;
  /** Where the rules are, for who starts servers. */
  readonly guard: NodeFirewall;
  /** What all services are given. */
  readonly common: Omit<SwarmCommonArgs, "image">;
  /** After the nodes have joined. */
  readonly inSwarm: pulumi.ComponentResourceOptions & { readonly dependsOn: readonly pulumi.Resource[] };
}

const networkOf = (subnet: string) => ({ subnet, gateway: gatewayOf(subnet) });

/** The nodes, their networks, and the rules on each of them. */
export function clusterNetwork(cluster: Cluster, { images, auth }: ClusterImages): ClusterNetwork {
  const { config, engine, opts } = cluster;
  const { name: prefix, logging, docker } = config;
  const { subnet, control, encrypted } = config.swarm.network;
  // Nothing is touched before the registry has the images: one that does not answer leaves all as it was.
  const members = new SwarmMembers(
    "swarm",
    { docker, advertise: config.swarm.advertise, nodes: config.swarm.nodes },
    { dependsOn: [images] },
  );
  const inSwarm = { ...opts, dependsOn: [members] };
  const networks = new OverlayNetworks(
    "network",
    { prefix, notebooks: networkOf(subnet), control: networkOf(control), encrypted, mtu: config.network.mtu },
    inSwarm,
  );
  const common = {
    prefix,
    platform: engine.platform,
    docker,
    auth,
    logging,
    networks: { notebooks: networks.notebooks, control: networks.control },
  };
  const firewall = new SwarmFirewall(
    "firewall",
    {
      ...common,
      image: images.firewall,
      subnets: { notebooks: subnet, control },
      allow: config.network.allow,
    },
    inSwarm,
  );
  const guard = { service: firewall.name, gate: firewall.gate };
  return { members, networks, firewall, guard, common, inSwarm };
}
