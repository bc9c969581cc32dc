/** docker.Secret and docker.ServiceConfig: data that Swarm hands to the tasks of services. */
import type { Props, ResourceDefinition } from "../../lib/serve";
import { bridged, type EngineResource } from "../bridge/resource";
import { labels, type Shape, string } from "../bridge/shape";
import { type Connection, isNotFound, reason, removeUnused, request } from "../connection";
import { isBase64, labelList, labelMap } from "../values";

const secretShape: Shape = {
  name: string({ required: true, replaces: true }),
  data: string({ required: true, replaces: true, validate: isBase64 }),
  labels: labels({ replaces: true }),
};

const configShape: Shape = {
  name: string({ required: true, replaces: true }),
  data: string({ replaces: true, validate: isBase64, conflictsWith: ["dataRaw"] }),
  dataRaw: string({ replaces: true, conflictsWith: ["data"] }),
  labels: labels({ replaces: true }),
};

interface Inspected {
  Spec: { Name: string; Labels?: Record<string, string>; Data?: string };
}

/** What secrets and configs share. */
interface Stored {
  inspect(): Promise<unknown>;
  remove(): Promise<unknown>;
}

export function secret(engine: () => Connection): ResourceDefinition {
  return bridged({
    ...stored("secret", (id) => engine().docker.getSecret(id)),
    shape: secretShape,
    schemaVersion: 1,

    async create(inputs) {
      const body = { Name: inputs.name, Labels: labelMap(inputs.labels), Data: inputs.data };
      const made: unknown = await engine()
        .docker.createSecret(request(body))
        .catch((error: unknown) => {
          throw new Error(`Unable to create secret: ${reason(error)}`, { cause: error });
        });
      return (made as { id: string }).id;
    },
  });
}

export function serviceConfig(engine: () => Connection): ResourceDefinition {
  const definition = bridged({
    ...stored("config", (id) => engine().docker.getConfig(id)),
    shape: configShape,

    async create(inputs) {
      const raw = inputs.dataRaw as string | null;
      const data = raw === null ? inputs.data : Buffer.from(raw).toString("base64");
      const body = { Name: inputs.name, Labels: labelMap(inputs.labels), Data: data };
      const made: unknown = await engine()
        .docker.createConfig(request(body))
        .catch((error: unknown) => {
          throw new Error(`Unable to create config: ${reason(error)}`, { cause: error });
        });
      return (made as { id: string }).id;
    },
  });
  return {
    ...definition,
    async check(call) {
      const { inputs, failures = [] } = await definition.check(call);
      const given = inputs.data !== undefined || inputs.dataRaw !== undefined;
      return {
        inputs,
        failures: given
          ? failures
          : [
              ...failures,
              {
                property: "data",
                reason: "Invalid combination of arguments: one of `data,dataRaw` must be specified",
              },
            ],
      };
    },
  };
}

function stored(
  kind: string,
  get: (id: string) => Stored,
): Pick<EngineResource, "autoName" | "read" | "delete"> {
  return {
    autoName: true,

    async read(id, known) {
      try {
        const { Spec } = (await get(id).inspect()) as Inspected;
        return { live: { name: Spec.Name, labels: labelList(Spec.Labels), ...readable(Spec.Data, known) } };
      } catch (error) {
        if (isNotFound(error)) {
          return undefined;
        }
        throw error;
      }
    },

    async delete(id, _state, { signal }) {
      try {
        await removeUnused(() => get(id).remove(), "is in use", signal);
      } catch (error) {
        throw new Error(`Unable to delete ${kind}: ${reason(error)}`, { cause: error });
      }
    },
  };
}

/** Configs can be read back, secrets cannot. */
function readable(data: string | undefined, known: Props): Props {
  if (data === undefined) {
    return {};
  }
  return typeof known.dataRaw === "string" ? { dataRaw: Buffer.from(data, "base64").toString() } : { data };
}
