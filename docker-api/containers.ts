/** Containers as the engine inspects them: one shape, checked, for all who look at them. */
import { z } from "zod";

import { type Get, readJson } from "./get";

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const endpoint = z.object({
  NetworkID: z.string().optional(),
  /** Empty while the container does not run. */
  IPAddress: z.string().optional(),
  IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullish(),
  Aliases: texts,
});

const healthLog = z.object({ Start: z.string(), ExitCode: z.number(), Output: z.string() });

const binding = z.object({ HostIp: z.string(), HostPort: z.string() });

const inspected = z.object({
  Id: z.string(),
  /** With a slash before it. */
  Name: z.string(),
  Created: z.string(),
  /** Id of its image. */
  Image: z.string(),
  RestartCount: z.number().optional(),
  State: z.object({
    /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    /** The engine's word for never is a day of the year 1. */
    StartedAt: z.string().optional(),
    FinishedAt: z.string().optional(),
    Health: z
      .object({
        Status: z.string(),
        FailingStreak: z.number().optional(),
        Log: z.array(healthLog).nullish(),
      })
      .nullish(),
  }),
  Config: z.object({
    Labels: labels,
    Env: texts,
    Cmd: texts,
    /** Engines before 1.13 have a text. */
    Entrypoint: texts,
    User: z.string().optional(),
    /** Times in nanoseconds. */
    Healthcheck: z.object({ Interval: z.number().optional() }).nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: z.string().optional(),
    Memory: z.number().optional(),
    MemorySwap: z.number().optional(),
    MemoryReservation: z.number().optional(),
    NanoCpus: z.number().optional(),
    CpuShares: z.number().optional(),
    CpuPeriod: z.number().optional(),
    CpuQuota: z.number().optional(),
    CpusetCpus: z.string().optional(),
    PidsLimit: z.number().nullish(),
    RestartPolicy: z.object({ Name: z.string() }).optional(),
    Privileged: z.boolean().optional(),
    ReadonlyRootfs: z.boolean().optional(),
    CapAdd: texts,
    CapDrop: texts,
    Dns: texts,
    Devices: z.array(z.object({ PathOnHost: z.string() })).nullish(),
    PortBindings: z.record(z.string(), z.array(binding).nullish()).nullish(),
  }),
  Mounts: z.array(
    z.object({
      Name: z.string().optional(),
      Source: z.string().optional(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.object({
    Networks: z
      .record(z.string(), endpoint)
      .nullish()
      .transform((value) => value ?? {}),
  }),
});

/** A container, as far as it matters to anybody here. */
export type Inspected = z.infer<typeof inspected>;

const listed = z.array(z.object({ Id: z.string(), Names: texts, Labels: labels }));

/** A container in a list: what tells whose it is. */
export type Listed = z.infer<typeof listed>[number];

/** By id or name; undefined where there is none. */
export const inspectContainer = (get: Get, reference: string): Promise<Inspected | undefined> =>
  readJson(get, `/containers/${encodeURIComponent(reference)}/json`, inspected);

/** Running or not, with these labels, each as `key=value`. */
export const listContainers = async (get: Get, having: readonly string[]): Promise<Listed[]> =>
  (await readJson(get, `/containers/json?all=1&filters=${labelFilter(having)}`, listed)) ?? [];

/** As the API's lists take it. */
export const labelFilter = (having: readonly string[]): string =>
  encodeURIComponent(JSON.stringify({ label: having }));

export const nameOf = ({ Name }: Inspected): string => Name.replace(/^\//, "");
