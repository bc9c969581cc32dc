/** Limits that fit each other where one place names both, and that the variant has. */
import { allLimits } from "../limits";
import { formatSize } from "../values/size";
import type { Report, Values } from "./report";
import { words } from "./words";

/** Parts of the memory. */
const PARTS = ["shmSize", "memoryReservation"] as const;

export function checkLimits({ variant, notebook, groups, users }: Values, report: Report): void {
  if (!notebook || !groups || !users) {
    return;
  }
  for (const { path, limits } of allLimits({ notebook, groups, users })) {
    const { memory, cpuShares } = limits;
    for (const part of PARTS) {
      const size = limits[part];
      if (memory !== undefined && size !== undefined && size > memory) {
        report.refuse(
          [...path, part],
          words`at most the memory of the same place (${report.value([...path, "memory"], formatSize(memory))}), of which it is a part`,
          { set: report.made([...path, "memory"], formatSize(memory), "1G") },
        );
      }
    }
    if (variant === "swarm" && cpuShares !== undefined) {
      report.refuse(
        [...path, "cpuShares"],
        words`nothing in a Swarm, whose services have no shares; swarm.notebooks.reservedCpus reserves processors`,
        { remove: true },
      );
    }
  }
}
