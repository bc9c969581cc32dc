/** docker.Volume */
import type Docker from "dockerode";

import type { ResourceDefinition } from "../lib/serve";
import { bridged } from "./bridge/resource";
import { labels, map, type Shape, string, unsupported } from "./bridge/shape";
import { type Connection, reason, removeUnused, request, unlessMissing } from "./connection";
import { labelList, labelMap, textMap } from "./values";

export const volumeShape: Shape = {
  name: string({ computed: true, replaces: true }),
  labels: labels({ replaces: true }),
  driver: string({ computed: true, replaces: true }),
  driverOpts: map({ replaces: true }),
  mountpoint: string({ output: true }),
  cluster: unsupported("cluster volumes", { kind: "block" }),
};

export function volume(engine: () => Connection): ResourceDefinition {
  return bridged({
    shape: volumeShape,
    schemaVersion: 1,
    autoName: true,

    async create(inputs) {
      const body = {
        Name: inputs.name,
        Labels: labelMap(inputs.labels),
        DriverOpts: textMap(inputs.driverOpts),
        ...(inputs.driver === null ? {} : { Driver: inputs.driver }),
      };
      const options = request(body);
      const made = await engine()
        .docker.createVolume(options)
        .catch((error: unknown) => {
          throw new Error(`Unable to create volume: ${reason(error)}`, { cause: error });
        });
      return made.name;
    },

    async read(id) {
      const found = await unlessMissing<Docker.VolumeInspectInfo>(engine().docker.getVolume(id).inspect());
      return (
        found && {
          live: {
            name: found.Name,
            labels: labelList(found.Labels),
            driver: found.Driver,
            driverOpts: found.Options ?? {},
            mountpoint: found.Mountpoint,
          },
        }
      );
    },

    async delete(id, _state, { signal }) {
      try {
        await removeUnused(() => engine().docker.getVolume(id).remove(), "is in use", signal);
      } catch (error) {
        throw new Error(`Unable to delete volume: ${reason(error)}`, { cause: error });
      }
    },
  });
}
