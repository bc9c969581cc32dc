/** Certificate and key: they are there, belong together and are valid for every name. */
import { checkCertificate } from "../values/certificate";
import { checkAcme } from "./acme";
import { served } from "./edge";
import { readCertificates, readText } from "./files";
import type { Report, Values } from "./report";
import { own, words } from "./words";

type Tls = NonNullable<Values["tls"]>;
type Kind = Tls["kind"];
type TlsCheck<K extends Kind> = (tls: Extract<Tls, { kind: K }>, values: Values, report: Report) => void;

const checks: { readonly [K in Kind]: TlsCheck<K> } = {
  "self-signed": (tls, _, report) => {
    report.derive({ tls });
  },

  files: (tls, values, report) => {
    const certificatePem = readText(report, ["tls", "certificate"], tls.certificate);
    const keyPem = readText(report, ["tls", "key"], tls.key);
    if (certificatePem === undefined || keyPem === undefined) {
      return;
    }
    const names = served(values);
    const found = checkCertificate({
      certificatePem,
      keyPem,
      domains: [...names.keys()],
      shown: (name) => String(report.value(names.get(name) ?? ["domain"], name)),
      now: report.context.now,
    });
    for (const { file, expected, got, fix } of found.problems) {
      report.refuse(["tls", file], own(expected), { got: own(got), fix: own(fix) });
    }
    for (const text of found.warnings) {
      report.warn(words`${report.key(["tls", "certificate"])}: ${own(text)}`);
    }
    report.derive({ tls: { ...tls, certificatePem, keyPem } });
  },

  acme: (tls, values, report) => {
    checkAcme(tls, values, report);
    if (tls.caCertificate === undefined) {
      report.derive({ tls });
      return;
    }
    const caCertificatePem = readCertificates(
      report,
      ["tls", "caCertificate"],
      tls.caCertificate,
      words`Ask the operators of the ACME directory for its root certificate.`,
    );
    if (caCertificatePem !== undefined) {
      report.derive({ tls: { ...tls, caCertificatePem } });
    }
  },

  off: (tls, { ports }, report) => {
    report.derive({ tls });
    if (ports?.http !== false) {
      return;
    }
    report.refuse(
      ["ports", "http"],
      words`a port: without TLS, the proxy listens there for the load balancer`,
      { set: 80 },
    );
  },
};

export function checkTls(values: Values, report: Report): void {
  const { tls } = values;
  if (tls) {
    (checks[tls.kind] as TlsCheck<Kind>)(tls, values, report);
  }
}
