/** What an engine answers of a Swarm's services and nodes, as far as it is compared. Checked here, and nowhere else. */
import { z } from "zod";

const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const textMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const list = <T extends z.ZodType>(one: T) =>
  z
    .array(one)
    .nullish()
    .transform((value) => value ?? []);

/** A limit that the engine leaves out is none. */
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

const amounts = z.object({ MemoryBytes: count, NanoCPUs: count }).nullish();

const file = z.object({ Name: z.string() }).nullish();

const container = z.object({
  Image: z.string().optional(),
  Labels: textMap,
  Command: texts,
  Args: texts,
  Env: texts,
  User: z.string().optional(),
  ReadOnly: z.boolean().optional(),
  Mounts: list(
    z.object({
      Type: z.string(),
      Source: z.string().optional(),
      Target: z.string(),
      ReadOnly: z.boolean().optional(),
    }),
  ),
  Secrets: list(z.object({ SecretID: z.string(), SecretName: z.string(), File: file })),
  Configs: list(z.object({ ConfigID: z.string(), ConfigName: z.string(), File: file })),
  Healthcheck: z
    .object({ Test: texts, Interval: count, Timeout: count, StartPeriod: count, Retries: count })
    .nullish(),
  Hosts: texts,
  StopGracePeriod: z.number().nullish(),
  Sysctls: textMap,
  CapabilityAdd: texts,
  CapabilityDrop: texts,
});

export const service = z.object({
  ID: z.string(),
  Spec: z.object({
    Labels: textMap,
    Mode: z.object({ Replicated: z.object({ Replicas: z.number().optional() }).optional() }),
    TaskTemplate: z.object({
      ContainerSpec: container.optional(),
      Resources: z.object({ Limits: amounts, Reservations: amounts }).nullish(),
      RestartPolicy: z
        .object({ Condition: z.string().optional(), Delay: count, MaxAttempts: count })
        .nullish(),
      Placement: z.object({ Constraints: texts }).nullish(),
      Networks: list(z.object({ Target: z.string(), Aliases: texts })),
      LogDriver: z.object({ Name: z.string().optional(), Options: textMap }).nullish(),
    }),
    UpdateConfig: z
      .object({ Parallelism: count, Order: z.string().optional(), FailureAction: z.string().optional() })
      .nullish(),
    EndpointSpec: z
      .object({
        Mode: z.string().optional(),
        Ports: list(
          z.object({
            Protocol: z.string().optional(),
            TargetPort: z.number(),
            PublishedPort: z.number().optional(),
            PublishMode: z.string().optional(),
          }),
        ),
      })
      .nullish(),
  }),
});

export type FoundService = z.infer<typeof service>;

export const listedNodes = z.array(
  z.object({
    ID: z.string(),
    Spec: z.object({
      Role: z.enum(["worker", "manager"]),
      Availability: z.enum(["active", "pause", "drain"]),
      Labels: z.record(z.string(), z.string()).nullish(),
    }),
    Description: z.object({ Hostname: z.string() }),
    Status: z.object({ State: z.string() }),
  }),
);

export type ListedNode = z.infer<typeof listedNodes>[number];
