/** The authority of an external database. */
import { readCertificates } from "./files";
import type { Report, Values } from "./report";

export function checkDatabase({ database }: Values, report: Report): void {
  if (database?.kind !== "url" || database.ca === undefined) {
    return;
  }
  const caPem = readCertificates(report, ["database", "ca"], database.ca);
  if (caPem !== undefined) {
    report.derive({ database: { ...database, caPem } });
  }
}
