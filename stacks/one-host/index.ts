import * as docker from "@pulumi/docker";

import type { Engine } from "../../preflight";
import { ownAddresses } from "../../preflight/addresses";
import { dnsOutputs, dnsTarget } from "../dns";
import { providerArgs } from "../docker";
import { certificateOutputs, hubUrl } from "../edge";
import { loginOutputs } from "../login";
import type { StackOutputs } from "../outputs";
import { stackSecrets, tokenOutputs } from "../secrets";
import { hostBackup } from "./backup";
import { selfCheck } from "./check";
import type { Host, HostVariation } from "./host";
import { hostHub, hostTrial } from "./hub";
import { hostImages } from "./images";
import { hostNetwork } from "./network";
import { hostProxy } from "./proxy";
import { hostStorage } from "./storage";

/** What is on one host, whatever its notebook servers may reach. */
export function oneHost(config: Host["config"], engine: Engine, variation: HostVariation): StackOutputs {
  const now = new Date();
  const provider = new docker.Provider("docker", providerArgs(config.docker));
  const opts = { providers: { docker: provider } };
  const host: Host = { config, engine, variation, url: hubUrl(config), opts };

  const secrets = stackSecrets(config, now, engine.kept);
  const images = hostImages(host);
  const network = hostNetwork(host, images);
  const storage = hostStorage(host, images, network);
  const tried = hostTrial(host, { secrets, images, network, storage });
  const proxy = hostProxy(host, { secrets, images, network, storage, trial: tried.trial });
  const hub = hostHub(host, { secrets, images, network, storage, ...tried });
  hostBackup(host, { images, network, storage });
  selfCheck(host, { images, network, proxy, hub });

  return {
    url: host.url,
    ...loginOutputs(config.auth, host.url, secrets.credentials),
    ...certificateOutputs(secrets.tls, now),
    ...dnsOutputs(config, dnsTarget(config, engine.localSocket === undefined ? [] : ownAddresses())),
    ...tokenOutputs(secrets.tokens),
    name: config.name,
  };
}
