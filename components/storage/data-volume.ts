import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { labels, physicalName } from "../../docker-api/naming";

export interface DataVolumeArgs {
  /** Prefix of the volume's name and the value of its stack label. */
  readonly prefix: string;

  /** What the volume is for; it names the volume: `<prefix>-<role>`. */
  readonly role: string;

  /**
   * Keep the volume on the Docker host when the stack is destroyed or the volume replaced.
   * The next `up` finds the volume by its name and uses it again with what is in it.
   */
  readonly retain: boolean;
}

/** A named volume with data that outlives containers, such as the hub's database. */
export class DataVolume extends pulumi.ComponentResource {
  readonly volume: docker.Volume;

  constructor(name: string, args: DataVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:storage:DataVolume", name, {}, opts);

    this.volume = new docker.Volume(
      `${name}-volume`,
      { name: physicalName(args.prefix, args.role), labels: labels(args.prefix, args.role) },
      // A volume that was there before, on a disk or share of the operator's choice, has a driver and options of its own.
      { parent: this, retainOnDelete: args.retain, ignoreChanges: ["driver", "driverOpts"] },
    );
    this.registerOutputs({ volume: this.volume.name });
  }
}
