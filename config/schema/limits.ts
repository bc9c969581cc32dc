/** Limits of one notebook server: each kind of limit, for whom it may be set. */
import { z } from "zod";
import { NEXT_START, key, size } from "./key";

const change = NEXT_START;

/** The four limits, none of which has a default here. */
export const limits = {
  memory: () =>
    size(64 * 1024 ** 2, {
      description: "Memory of one notebook server. What uses more is killed.",
      expected: "an amount of memory",
      example: "8G",
      change,
    }),
  swap: () =>
    size(0, {
      description: "Swap of one notebook server, on top of its memory.",
      expected: "an amount of swap",
      example: "512m",
      change,
    }),
  cpus: () =>
    key(
      z
        .union([
          z.number().min(0.01).max(1024),
          // `pulumi config set --path` writes a number with a fraction as text.
          z.string().regex(/^[0-9]+(\.[0-9]+)?$/),
        ])
        .refine((value) => Number(value) >= 0.01 && Number(value) <= 1024),
      {
        description: "CPUs of one notebook server; 0.5 is half of one.",
        expected: "a number of CPUs from 0.01 to 1024, as 0.5 or 2",
        example: 2,
        change,
      },
    ).transform(Number),
  processes: () =>
    key(z.int().min(64).max(4_194_304), {
      description: "Processes and threads of one notebook server, together.",
      expected: "a whole number of processes from 64 to 4194304",
      example: 1024,
      change,
    }),
};
