/** The authority of an external database. */
import { isCertificate } from "../certificate";
import { describeValue, formatKey } from "../errors";
import type { ParseContext } from "../context";
import { readText, show, type CheckResult, type Values } from "./check";

export function checkDatabase({ database }: Values, context: ParseContext): Partial<CheckResult> {
  if (database?.kind !== "url" || database.ca === undefined) return {};
  const path = ["database", "ca"];
  const caPem = readText(path, database.ca, context);
  if (typeof caPem !== "string") return { errors: [caPem] };
  if (!isCertificate(caPem)) {
    const error = {
      key: formatKey(context.project, path),
      expected: "a PEM file with certificates",
      got: `${show(context, "database", describeValue(database.ca))}, which holds none`,
      fix: "Put the file there, or correct the path (relative to the folder of Pulumi.yaml).",
    };
    return { errors: [error] };
  }
  return { derived: { database: { ...database, caPem } } };
}
