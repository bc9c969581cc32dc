/** Certificate and key: they are there, belong together and are valid for every name. */
import { checkCertificate, isCertificate } from "../certificate";
import { formatKey } from "../errors";
import type { ParseContext } from "../context";
import type { FilesTls } from "../types";
import { checkAcme } from "./acme";
import { readText, type CheckResult, type Values } from "./check";
import { served } from "./edge";

type Tls = NonNullable<Values["tls"]>;
type Kind = Tls["kind"];
type TlsCheck<K extends Kind> = (
  tls: Extract<Tls, { kind: K }>,
  values: Values,
  context: ParseContext,
) => Partial<CheckResult>;

const checks: { readonly [K in Kind]: TlsCheck<K> } = {
  "self-signed": (tls) => ({ derived: { tls } }),
  files: checkFiles,
  acme: (tls, values, context) => {
    const result = checkAcme(tls, values, context);
    if (tls.caCertificate === undefined) return { ...result, derived: { tls } };
    const caCertificatePem = readText(["tls", "caCertificate"], tls.caCertificate, context);
    if (typeof caCertificatePem !== "string") {
      return { ...result, errors: [...(result.errors ?? []), caCertificatePem] };
    }
    if (!isCertificate(caCertificatePem)) {
      const error = {
        key: formatKey(context.project, ["tls", "caCertificate"]),
        expected: "PEM text with the certificate of an authority",
        got: "text that is no certificate",
        fix: "Ask whoever runs the ACME directory for its root certificate.",
      };
      return { ...result, errors: [...(result.errors ?? []), error] };
    }
    return { ...result, derived: { tls: { ...tls, caCertificatePem } } };
  },
  off: (tls, { ports }, context) => {
    const derived = { tls };
    if (ports?.http !== false) return { derived };
    const error = {
      key: formatKey(context.project, ["ports", "http"]),
      expected: "a port: without TLS the proxy listens there, for the load balancer",
      got: "false",
      fix: "Set it with: pulumi config set --path 'jupyterhub:ports.http' 80",
    };
    return { errors: [error], derived };
  },
};

export function checkTls(values: Values, context: ParseContext): Partial<CheckResult> {
  const { tls } = values;
  return tls ? (checks[tls.kind] as TlsCheck<Kind>)(tls, values, context) : {};
}

function checkFiles(
  tls: Extract<Tls, { kind: "files" }>,
  values: Values,
  context: ParseContext,
): Partial<CheckResult> {
  const certificatePem = readText(["tls", "certificate"], tls.certificate, context);
  const keyPem = readText(["tls", "key"], tls.key, context);
  if (typeof certificatePem !== "string" || typeof keyPem !== "string") {
    return { errors: [certificatePem, keyPem].filter((result) => typeof result !== "string") };
  }
  const domains = values.domain === undefined ? [] : served(values.domain, values.edge);
  const report = checkCertificate({ certificatePem, keyPem, domains, now: context.now });
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
