/** What the engine has of a stack now. Its answers are checked here, and nowhere else. */
import { z } from "zod";

import { archivePath, factsOf, type FileFacts } from "../../docker-api/archive";
import { inspectContainer, type Inspected, labelFilter, listContainers } from "../../docker-api/containers";
import { type Get, readJson } from "../../docker-api/get";
import { demultiplex } from "../../docker-api/logs";
import { RECREATED_LABEL, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { TASK_LABEL } from "../../docker-api/swarm";
import { type FoundService, type ListedNode, listedNodes, service } from "./swarm-shapes";

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const options = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const network = z.object({
  Id: z.string(),
  Driver: z.string().optional(),
  Internal: z.boolean().optional(),
  Options: options,
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
  Labels: labels,
});

const volume = z.object({ Driver: z.string().optional(), Options: options });

const image = z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish() });

const listedServices = z.array(
  z.object({ ID: z.string(), Spec: z.object({ Name: z.string(), Labels: labels }) }),
);

const listedNetwork = z.object({ Id: z.string(), Name: z.string(), Labels: labels });

const listedVolumes = z.object({
  Volumes: z.array(z.object({ Name: z.string(), Labels: labels })).nullish(),
});

/** A container, service, network or volume of the stack, whoever made it. Tasks of services are no containers here. */
export interface Standing {
  readonly kind: "container" | "service" | "network" | "volume";
  readonly id: string;
  readonly name: string;
  /** Of the label; empty for none. */
  readonly role: string;
  /** Of the label: when it was made again, if it ever was. */
  readonly recreated?: string | undefined;
}

export type FoundNetwork = z.infer<typeof network>;
export type FoundVolume = z.infer<typeof volume>;
export type FoundImage = z.infer<typeof image>;

/** An engine, asked for single objects and for its images. */
export interface LookAt {
  /** By id or name; undefined where there is none. */
  container(reference: string): Promise<Inspected | undefined>;
  network(reference: string): Promise<FoundNetwork | undefined>;
  service(reference: string): Promise<FoundService | undefined>;
  /** Whether there is a secret, or a config, of that id. */
  secret(id: string): Promise<boolean>;
  config(id: string): Promise<boolean>;
  /** Nodes of the Swarm; undefined where the engine is no manager. */
  nodes(): Promise<readonly ListedNode[] | undefined>;
  volume(name: string): Promise<FoundVolume | undefined>;
  /** All images, asked for once. */
  images(): Promise<readonly FoundImage[]>;
  /** Containers, running or not, services of a Swarm, networks and volumes with the stack's label. */
  standing(prefix: string, isSwarm: boolean): Promise<Standing[]>;
  /** Size and time of a container's file; undefined where there is none. A hundredth of the work of an archive. */
  facts(container: string, path: string): Promise<FileFacts | undefined>;
  /** A tar archive of a file or folder of a container; undefined where there is none. */
  archive(container: string, path: string): Promise<Buffer | undefined>;
  /** What a container has written in the last `seconds`, each line with its time before it; empty where there is none. */
  log(container: string, seconds: number): Promise<string>;
}

export function lookAt(get: Get): LookAt {
  const json = <T>(path: string, shape: z.ZodType<T>) => readJson(get, path, shape);
  const name = encodeURIComponent;
  let images: Promise<readonly FoundImage[]> | undefined;
  // An engine that is no manager (yet) refuses questions of a Swarm.
  const isManager = async () => (await get("/swarm")).status === 200;
  return {
    container: (reference) => inspectContainer(get, reference),
    network: (reference) => json(`/networks/${name(reference)}`, network),
    service: (reference) => json(`/services/${name(reference)}`, service),
    secret: async (id) => (await json(`/secrets/${name(id)}`, z.object({}))) !== undefined,
    config: async (id) => (await json(`/configs/${name(id)}`, z.object({}))) !== undefined,
    nodes: async () => ((await isManager()) ? json("/nodes", listedNodes) : undefined),
    volume: (reference) => json(`/volumes/${name(reference)}`, volume),
    images: () => (images ??= json("/images/json", z.array(image)).then((list) => list ?? [])),
    standing: async (prefix, isSwarm) => {
      const own = [`${STACK_LABEL}=${prefix}`];
      const filters = labelFilter(own);
      const [containers, services = [], networks = [], volumes] = await Promise.all([
        listContainers(get, own),
        isSwarm && (await isManager()) ? json(`/services?filters=${filters}`, listedServices) : [],
        json(`/networks?filters=${filters}`, z.array(listedNetwork)),
        json(`/volumes?filters=${filters}`, listedVolumes),
      ]);
      const role = (found: Readonly<Record<string, string>>) => found[ROLE_LABEL] ?? "";
      return [
        ...containers
          .filter(({ Labels }) => Labels[TASK_LABEL] === undefined)
          .map(({ Id: id, Names, Labels }) => ({
            kind: "container" as const,
            id,
            name: (Names[0] ?? "").replace(/^\//, ""),
            role: role(Labels),
          })),
        ...services.map(({ ID: id, Spec }) => ({
          kind: "service" as const,
          id,
          name: Spec.Name,
          role: role(Spec.Labels),
        })),
        ...networks.map(({ Id: id, Name, Labels }) => ({
          kind: "network" as const,
          id,
          name: Name,
          role: role(Labels),
          recreated: Labels[RECREATED_LABEL],
        })),
        ...(volumes?.Volumes ?? []).map(({ Name, Labels }) => ({
          kind: "volume" as const,
          id: Name,
          name: Name,
          role: role(Labels),
          recreated: Labels[RECREATED_LABEL],
        })),
      ];
    },
    facts: async (id, path) => factsOf(await get(archivePath(id, path), "HEAD")),
    archive: async (id, path) => {
      const { status, body } = await get(archivePath(id, path));
      return status === 200 ? body : undefined;
    },
    log: async (id, seconds) => {
      const since = Math.floor(Date.now() / 1000) - seconds;
      const query = `stdout=1&stderr=1&timestamps=1&since=${since}`;
      const { status, body } = await get(`/containers/${name(id)}/logs?${query}`);
      return status === 200 ? demultiplex(body) : "";
    },
  };
}
