/** docker.Volume */
import type Docker from "dockerode";
import { bridged } from "./bridge/resource";
import { type Shape, block, labels, map, string } from "./bridge/shape";
import { type Engine, reason, removeUnused, request, unlessMissing } from "./engine";
import { labelList, labelMap, oneOf, textMap } from "./values";
import type { ResourceDefinition } from "../lib/serve";

export const volumeShape: Shape = {
  name: string({ computed: true, replaces: true }),
  labels: labels({ replaces: true }),
  driver: string({ computed: true, replaces: true }),
  driverOpts: map({ replaces: true }),
  mountpoint: string({ output: true }),
  cluster: block({
    id: string({ output: true }),
    scope: string({ default: "single", replaces: true, validate: oneOf("single", "multi") }),
    sharing: string({
      default: "none",
      replaces: true,
      validate: oneOf("none", "readonly", "onewriter", "all"),
    }),
    type: string({ default: "block", replaces: true, validate: oneOf("mount", "block") }),
    topologyPreferred: string({ replaces: true }),
    topologyRequired: string({ replaces: true }),
    requiredBytes: string({ replaces: true }),
    limitBytes: string({ replaces: true }),
    group: string({ replaces: true }),
    availability: string({ default: "active", validate: oneOf("active", "pause", "drain") }),
  }),
};

export function volume(engine: () => Engine): ResourceDefinition {
  return bridged({
    shape: volumeShape,
    schemaVersion: 1,
    autoName: true,

    async create(inputs) {
      if (inputs.cluster !== null) {
        throw new Error(
          "cluster volumes are not known to the offline docker plugin: use the official plugin",
        );
      }
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
