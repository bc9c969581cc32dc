import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { swarmNodes } from "../../components/swarm/outputs";
import { swarmStorage } from "../../components/swarm/storage";
import type { ConfigOf } from "../../config";
import type { Engine } from "../../preflight";
import { configuredTarget, dnsOutputs } from "../dns";
import { providerArgs } from "../docker";
import { certificateOutputs, hubUrl } from "../edge";
import { loginOutputs } from "../login";
import type { Outputs, OutputValues, StackOutputs } from "../outputs";
import { stackSecrets, tokenOutputs } from "../secrets";
import { readiness, selfCheck } from "./check";
import type { Cluster } from "./cluster";
import { clusterHub } from "./hub";
import { clusterImages } from "./images";
import { clusterNetwork } from "./network";
import { clusterProxy } from "./proxy";
import { clusterSpawning } from "./spawning";

/** Hub, Traefik and notebooks as services of a Docker Swarm. Everything goes through the API of one manager. */
export function swarm(config: ConfigOf<"swarm">, engine: Engine): StackOutputs {
  const now = new Date();
  const provider = new docker.Provider("docker", providerArgs(config.docker));
  const cluster: Cluster = {
    config,
    storage: swarmStorage(config.name, config.storage, config.swarm.homes),
    engine,
    url: hubUrl(config),
    opts: { providers: { docker: provider } },
  };

  const secrets = stackSecrets(config, now, engine.kept);
  const images = clusterImages(cluster);
  const network = clusterNetwork(cluster, images);
  const proxy = clusterProxy(cluster, { secrets, images, network });
  const spawning = clusterSpawning(cluster, images, network);
  const hub = clusterHub(cluster, { secrets, images, network, proxy, spawning });
  selfCheck(cluster, { images, network, spawning, hub });

  return {
    url: cluster.url,
    ...loginOutputs(config.auth, cluster.url, secrets.credentials),
    ...certificateOutputs(secrets.tls, now),
    ...tokenOutputs(secrets.tokens),
    name: config.name,
    ...nodeOutputs(cluster, pulumi.all(readiness({ spawning, hub }))),
  };
}

/** The nodes, and records of those that browsers talk to: known when there is something to look at. */
function nodeOutputs(
  { config }: Cluster,
  ready: pulumi.Output<unknown>,
): Outputs<Pick<OutputValues, "nodes" | "dnsRecords" | "zoneFile">> {
  const found = swarmNodes({
    docker: config.docker,
    prefix: config.name,
    constraints: config.swarm.proxy.constraints,
    ready,
  });
  const dns = found.apply(({ entries }) =>
    dnsOutputs(config, configuredTarget(config) ?? { addresses: entries }),
  );
  return { nodes: found.nodes, dnsRecords: dns.dnsRecords, zoneFile: dns.zoneFile };
}
