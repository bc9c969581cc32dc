/** What a container uses, as the engine's statistics say. */
import { z } from "zod";

const processor = z.object({
  cpu_usage: z.object({ total_usage: z.number() }),
  system_cpu_usage: z.number().optional(),
  online_cpus: z.number().optional(),
});

/** An answer to `/containers/ID/stats`; what the engine cannot tell is not in it. */
export const statistics = z.object({
  memory_stats: z.object({
    usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
  }),
  cpu_stats: processor.optional(),
  /** Those of a second before; of no use in an answer to `one-shot`. */
  precpu_stats: processor.optional(),
});
export type Statistics = z.infer<typeof statistics>;

/** Bytes that it uses and cannot give back. */
export function memoryUsed({ memory_stats }: Statistics): number {
  const { usage = 0, stats: parts = {} } = memory_stats;
  // Files that the kernel can drop, in its two generations of control groups.
  return usage - (parts["total_inactive_file"] ?? parts["inactive_file"] ?? 0);
}

/** Processors that it kept busy between the two looks: 1 is one of them. Undefined where they do not tell. */
export function processorsUsed({ cpu_stats: now, precpu_stats: before }: Statistics): number | undefined {
  const passed = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  if (now === undefined || before?.system_cpu_usage === undefined || passed <= 0) {
    return undefined;
  }
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  return Math.max(0, (used / passed) * (now.online_cpus ?? 1));
}
