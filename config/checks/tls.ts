/** Certificate and key: they are there, belong together and are valid. */
import { checkCertificate } from "../certificate";
import { formatKey } from "../errors";
import type { ParseContext } from "../parse";
import type { FilesTls } from "../types";
import { readText, type CheckResult, type Values } from "./check";

export function checkTls({ tls, domain }: Values, context: ParseContext): Partial<CheckResult> {
  if (!tls) return {};
  if (tls.kind === "self-signed") return { derived: { tls } };
  const certificatePem = readText(["tls", "certificate"], tls.certificate, context);
  const keyPem = readText(["tls", "key"], tls.key, context);
  if (typeof certificatePem !== "string" || typeof keyPem !== "string") {
    return { errors: [certificatePem, keyPem].filter((result) => typeof result !== "string") };
  }
  const report = checkCertificate({ certificatePem, keyPem, domain, now: context.now });
  const errors = report.problems.map(({ file, ...problem }) => ({
    key: formatKey(context.project, ["tls", file]),
    ...problem,
  }));
  const warnings = report.warnings.map(
    (text) => `${formatKey(context.project, ["tls", "certificate"])}: ${text}`,
  );
  const files: FilesTls<string> = { ...tls, certificatePem, keyPem };
  return { errors, warnings, derived: { tls: files } };
}
