/** Limits of a notebook server: the same keys for all servers, for a profile, for a group, for a person. */
import { z } from "zod";

import { parseSize, SIZE_PATTERN } from "../values/size";
import { key, section, size, TAKEN_AT_NEXT_START } from "./key";

/** `swap` that has no limit, as Docker writes it. */
export const UNLIMITED = -1;

const memory = size(64 * 1024 ** 2, {
  description: "Memory of one notebook server. Processes are killed when it uses more.",
  expected: "an amount of memory",
  example: "8G",
  change: TAKEN_AT_NEXT_START,
});

const swap = key(
  z
    .union([z.literal("unlimited"), z.string().regex(SIZE_PATTERN), z.int().min(0)])
    .refine((value) => value === "unlimited" || parseSize(value) !== undefined),
  {
    description:
      "Swap of one notebook server, in addition to its memory; `unlimited` for as much as the host has.",
    expected: "unlimited, or an amount of swap, such as 0, 512m or 1G (k, m, g, t; base 1024)",
    example: "512m",
    change: TAKEN_AT_NEXT_START,
  },
).transform((value) => (value === "unlimited" ? UNLIMITED : (parseSize(value) ?? 0)));

const cpus = key(
  z
    .union([
      z.number().min(0.01).max(1024),
      // `pulumi config set --path` writes a number with a fraction as text.
      z.string().regex(/^[0-9]+(\.[0-9]+)?$/),
    ])
    .refine((value) => Number(value) >= 0.01 && Number(value) <= 1024),
  {
    description: "CPUs of one notebook server; 0.5 is half of one.",
    expected: "a number of CPUs from 0.01 to 1024, such as 0.5 or 2",
    example: 2,
    change: TAKEN_AT_NEXT_START,
  },
).transform(Number);

const processes = z.int().min(64).max(4_194_304);
const processesDoc = {
  description: "Processes and threads of one notebook server, together.",
  expected: "a whole number of processes from 64 to 4194304",
  example: 1024,
  change: TAKEN_AT_NEXT_START,
};

/** What Docker has a default of its own for. */
const more = {
  shmSize: size(64 * 1024, {
    description:
      "Shared memory of one notebook server (`/dev/shm`), such as PyTorch's data loaders need. What is in it counts as memory, " +
      "so it is never more than `memory`.",
    expected: "an amount of memory",
    example: "1G",
    otherwise: "64 MiB, Docker's default",
    change: TAKEN_AT_NEXT_START,
  }).optional(),
  memoryReservation: size(6 * 1024 ** 2, {
    description:
      "Memory that the kernel leaves to one notebook server when the Docker host runs short of it (soft limit). In a Swarm: " +
      "memory that a node must have left for it, in place of `swarm.notebooks.reservedMemory`. Never more than `memory`.",
    expected: "an amount of memory",
    example: "512m",
    otherwise: "none",
    change: TAKEN_AT_NEXT_START,
  }).optional(),
  cpuShares: key(z.int().min(2).max(262_144).optional(), {
    description:
      "Share of the processors of one notebook server while they are all busy, relative to other containers, which have 1024. " +
      "Not in a Swarm.",
    expected: "a whole number from 2 to 262144",
    example: 2048,
    otherwise: "1024, Docker's default",
    change: TAKEN_AT_NEXT_START,
  }),
};

/** Limits of all servers: each has a default, or the engine has one. */
export const limits = section(
  {
    memory: memory.prefault("1G"),
    swap: swap.prefault("0"),
    cpus: cpus.prefault(1),
    processes: key(processes.default(512), processesDoc),
    ...more,
  },
  {
    description:
      "Limits of one notebook server. Groups and people can have other limits: see docs/limits.md.",
    example: { memory: "4G", cpus: 2 },
    change: TAKEN_AT_NEXT_START,
  },
).prefault({});

/** Limits that differ from those of others: each key may be left out, and then says nothing. */
export function someLimits(description: string) {
  return section(
    {
      memory: memory.optional(),
      swap: swap.optional(),
      cpus: cpus.optional(),
      processes: key(processes.optional(), processesDoc),
      ...more,
    },
    {
      description: `${description} A key that is left out sets no limit here; docs/limits.md says which limit wins.`,
      example: { memory: "8G" },
      change: TAKEN_AT_NEXT_START,
    },
  ).prefault({});
}
