import type * as pulumi from "@pulumi/pulumi";

import { FirewallImage } from "../../components/image/firewall-image";
import { HubImage } from "../../components/image/hub-image";
import { NotebookImages } from "../../components/image/notebook-images";
import type { Host } from "./host";

export interface HostImages {
  /** Ids of the images of the stack's own services. */
  readonly hub: pulumi.Output<string>;
  /** Name of the hub's image, for what is built on it. */
  readonly hubName: string;
  readonly firewall: pulumi.Output<string>;
  readonly notebooks: NotebookImages;
  /** After all images: nothing else is touched before they are there, so one that does not build leaves the host as it was. */
  readonly after: pulumi.ComponentResourceOptions;
}

/** All images, built or pulled on the host. */
export function hostImages({ config, engine, opts }: Host): HostImages {
  const { name: prefix, hub: settings, notebook } = config;
  const { platform } = engine;
  const hub = new HubImage("hub-image", { prefix, platform, ...settings.image }, opts);
  const notebooks = new NotebookImages(
    "notebook-images",
    {
      prefix,
      source: notebook.image,
      profiles: notebook.profiles,
      overrides: notebook.jupyterlab.overrides,
      hubImage: hub.imageId,
      platform,
      docker: config.docker,
    },
    opts,
  );
  const firewall = new FirewallImage("firewall-image", { prefix, platform }, opts);
  return {
    hub: hub.imageId,
    hubName: hub.imageName,
    firewall: firewall.imageId,
    notebooks,
    after: { ...opts, dependsOn: [hub, notebooks, firewall] },
  };
}
