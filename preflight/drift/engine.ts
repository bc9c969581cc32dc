/** What the engine has of a stack now. Its answers are checked here, and nowhere else. */
import { z } from "zod";

import type { Answer } from "../../docker-api/get";
import { RECREATED_LABEL, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";

/** One GET; `undefined` for an engine's 404. */
export type Get = (path: string) => Promise<Answer>;

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const container = z.object({
  Id: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    FinishedAt: z.string().optional(),
    Health: z.object({ Status: z.string(), FailingStreak: z.number().optional() }).nullish(),
  }),
  Config: z.object({ Labels: labels }),
  HostConfig: z.object({
    Memory: z.number().optional(),
    MemorySwap: z.number().optional(),
    RestartPolicy: z.object({ Name: z.string() }).optional(),
  }),
  Mounts: z.array(
    z.object({
      Name: z.string().optional(),
      Source: z.string().optional(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }),
});

const network = z.object({ Id: z.string(), Labels: labels });

const image = z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish() });

const limits = z.object({ MemoryBytes: z.number().optional(), NanoCPUs: z.number().optional() }).nullish();

const service = z.object({
  ID: z.string(),
  Spec: z.object({
    Labels: labels,
    Mode: z.object({ Replicated: z.object({ Replicas: z.number().optional() }).optional() }),
    TaskTemplate: z.object({
      ContainerSpec: z.object({ Image: z.string().optional() }).optional(),
      Resources: z.object({ Limits: limits }).nullish(),
      Placement: z.object({ Constraints: z.array(z.string()).nullish() }).nullish(),
      Networks: z.array(z.object({ Target: z.string() })).nullish(),
    }),
  }),
});

const listedContainer = z.object({ Id: z.string(), Names: z.array(z.string()).nullish(), Labels: labels });

const listedNetwork = z.object({ Id: z.string(), Name: z.string(), Labels: labels });

const listedVolumes = z.object({
  Volumes: z.array(z.object({ Name: z.string(), Labels: labels })).nullish(),
});

/** A container, network or volume of the stack, whoever made it. */
export interface Standing {
  readonly kind: "container" | "network" | "volume";
  readonly id: string;
  readonly name: string;
  /** Of the label; empty for none. */
  readonly role: string;
  /** Of the label: when it was made again, if it ever was. */
  readonly recreated?: string | undefined;
}

export type FoundContainer = z.infer<typeof container>;
export type FoundNetwork = z.infer<typeof network>;
export type FoundImage = z.infer<typeof image>;
export type FoundService = z.infer<typeof service>;

/** An engine, asked for single objects and for its images. */
export interface LookAt {
  /** By id or name; undefined where there is none. */
  container(reference: string): Promise<FoundContainer | undefined>;
  network(reference: string): Promise<FoundNetwork | undefined>;
  service(reference: string): Promise<FoundService | undefined>;
  /** Whether there is a volume of that name. */
  volume(name: string): Promise<boolean>;
  /** All images, asked for once. */
  images(): Promise<readonly FoundImage[]>;
  /** Containers, running or not, networks and volumes with the stack's label. */
  standing(prefix: string): Promise<Standing[]>;
  /** A tar archive of a file or folder of a container; undefined where there is none. */
  archive(container: string, path: string): Promise<Buffer | undefined>;
}

export function lookAt(get: Get): LookAt {
  const json = async <T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> => {
    const { status, body } = await get(path);
    if (status === 404) {
      return undefined;
    }
    if (status !== 200) {
      throw new Error(`HTTP ${status} from ${path}`);
    }
    const answer = shape.safeParse(JSON.parse(body.toString()));
    if (!answer.success) {
      const { path: at = [], message = "" } = answer.error.issues[0] ?? {};
      throw new Error(`an answer of another form from ${path}: ${at.join(".")}: ${message}`);
    }
    return answer.data;
  };
  const name = encodeURIComponent;
  let images: Promise<readonly FoundImage[]> | undefined;
  return {
    container: (reference) => json(`/containers/${name(reference)}/json`, container),
    network: (reference) => json(`/networks/${name(reference)}`, network),
    service: (reference) => json(`/services/${name(reference)}`, service),
    volume: async (reference) => (await json(`/volumes/${name(reference)}`, z.object({}))) !== undefined,
    images: () => (images ??= json("/images/json", z.array(image)).then((list) => list ?? [])),
    standing: async (prefix) => {
      const filters = name(JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`] }));
      const [containers = [], networks = [], volumes] = await Promise.all([
        json(`/containers/json?all=1&filters=${filters}`, z.array(listedContainer)),
        json(`/networks?filters=${filters}`, z.array(listedNetwork)),
        json(`/volumes?filters=${filters}`, listedVolumes),
      ]);
      const role = (found: Readonly<Record<string, string>>) => found[ROLE_LABEL] ?? "";
      return [
        ...containers.map(({ Id: id, Names, Labels }) => ({
          kind: "container" as const,
          id,
          name: (Names?.[0] ?? "").replace(/^\//, ""),
          role: role(Labels),
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
    archive: async (id, path) => {
      const { status, body } = await get(`/containers/${name(id)}/archive?path=${name(path)}`);
      return status === 200 ? body : undefined;
    },
  };
}
