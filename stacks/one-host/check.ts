import { SelfCheck } from "../../components/network/self-check";
import type { Host } from "./host";
import type { HostHub } from "./hub";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";
import type { HostProxy } from "./proxy";

interface Made {
  readonly images: HostImages;
  readonly network: HostNetwork;
  readonly proxy: HostProxy;
  readonly hub: HostHub;
}

/** Looks from a notebook server at what is in its reach, where that is wanted: always where it is closed in. */
export function selfCheck({ config, variation, opts }: Host, { images, network, proxy, hub }: Made): void {
  if (!(config.network.selfCheck ?? variation.closed)) {
    return;
  }
  const checked = [
    network.firewall,
    proxy.proxy,
    proxy.routesServer,
    hub.filter,
    hub.hub,
    ...(network.egress ? [network.egress] : []),
  ];
  new SelfCheck(
    "self-check",
    {
      prefix: config.name,
      docker: config.docker,
      triggers: [
        network.networks.notebooks.id,
        images.notebooks.imageId,
        ...checked.map(({ container }) => container.id),
      ],
    },
    // The hub's container is there before it is ready.
    { ...opts, dependsOn: [hub.hub] },
  );
}
