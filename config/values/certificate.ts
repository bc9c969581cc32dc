/** Whether a certificate, its chain, its key and the domain belong together. Pure: PEM text and a moment in. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

export interface CertificateProblem {
  readonly file: "certificate" | "key";
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

export interface CertificateReport {
  readonly problems: readonly CertificateProblem[];
  readonly warnings: readonly string[];
}

export interface CertificateInput {
  /** The server's certificate, then its chain. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Host names, addresses and wildcards that it has to be for. */
  readonly domains: readonly string[];
  /** A name of `domains` as a message may have it. By default as it is. */
  readonly shown?: (domain: string) => string;
  readonly now: Date;
}

/** Below this many days a warning is given: time enough to renew by hand. */
const WARN_DAYS = 21;
const DAY = 24 * 60 * 60 * 1000;

const RENEW = "Renew it, and configure the new file.";
const FULL_CHAIN = "Use the file with the whole chain (often called fullchain.pem).";

export function checkCertificate(input: CertificateInput): CertificateReport {
  const chain = readChain(input.certificatePem);
  const key = readKey(input.keyPem);
  const problems = [...problemsOf(chain), ...problemsOf(key)];
  const warnings: string[] = [];
  if (!("fix" in chain)) {
    if (!("fix" in key)) {
      problems.push(...checkMatch(chain, key));
    }
    problems.push(...checkOrder(chain), ...checkDates(chain, input.now));
    const shown = input.shown ?? ((domain: string) => domain);
    problems.push(...input.domains.flatMap((domain) => checkNames(chain, domain, shown(domain))));
    warnings.push(...warningsOf(chain, input.now));
  }
  return { problems, warnings };
}

/** Whether a PEM text holds a certificate; the first one is read. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Whether a key is the one of a certificate. */
export function isKeyOf(keyPem: string, certificatePem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

type Chain = readonly [leaf: X509Certificate, ...issuers: X509Certificate[]];

function problemsOf(result: Chain | KeyObject | CertificateProblem): CertificateProblem[] {
  return "fix" in result ? [result] : [];
}

function readChain(pem: string): Chain | CertificateProblem {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const expected = "PEM text with the server's certificate";
  try {
    const [leaf, ...rest] = blocks.map((block) => new X509Certificate(block));
    if (leaf) {
      return [leaf, ...rest];
    }
  } catch {
    const fix = "Copy the file again from where it was issued.";
    return { file: "certificate", expected, got: "a damaged certificate", fix };
  }
  const got = pem.includes("PRIVATE KEY-----")
    ? "a private key"
    : "no -----BEGIN CERTIFICATE----- in the file";
  const fix = pem.includes("PRIVATE KEY-----")
    ? "If the two files are mixed up, swap them."
    : "Convert a binary (DER) file with: openssl x509 -inform DER -in FILE -out certificate.pem";
  return { file: "certificate", expected, got, fix };
}

function readKey(pem: string): KeyObject | CertificateProblem {
  const expected = "PEM text with a private key without a passphrase";
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    const fix = "Remove the passphrase with: openssl pkey -in FILE -out key.pem";
    return { file: "key", expected, got: "a key with a passphrase", fix };
  }
  try {
    return createPrivateKey(pem);
  } catch {
    const got = pem.includes("BEGIN CERTIFICATE") ? "a certificate" : "text that is not a private key";
    return {
      file: "key",
      expected,
      got,
      fix: "Use the private key that the certificate was requested with.",
    };
  }
}

function checkMatch(chain: Chain, key: KeyObject): CertificateProblem[] {
  const matching = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (matching === 0) {
    return [];
  }
  if (matching > 0) {
    return [
      {
        file: "certificate",
        expected: "the server's certificate first",
        got: `it as number ${matching + 1}`,
        fix: "Put the server's certificate first, then the others, each followed by the one that signed it.",
      },
    ];
  }
  return [
    {
      file: "key",
      expected: "the private key of the certificate",
      got: "the key of another certificate",
      fix: "Use the private key that the certificate was requested with.",
    },
  ];
}

function checkOrder(chain: Chain): CertificateProblem[] {
  const wrong = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  });
  if (wrong < 0) {
    return [];
  }
  return [
    {
      file: "certificate",
      expected: "each certificate followed by the one that signed it",
      got: `certificate ${wrong + 2} (${nameOf(chain[wrong + 1])}), which did not sign certificate ${wrong + 1} (${nameOf(chain[wrong])})`,
      fix: FULL_CHAIN,
    },
  ];
}

function checkDates(chain: Chain, now: Date): CertificateProblem[] {
  return chain.flatMap((certificate, index) => {
    const which = index === 0 ? "the certificate" : `certificate ${index + 1} (${nameOf(certificate)})`;
    const problem = { file: "certificate", expected: "a certificate that is valid now", fix: RENEW } as const;
    if (now > until(certificate)) {
      return [{ ...problem, got: `${which} expired on ${day(until(certificate))}` }];
    }
    if (now < from(certificate)) {
      const fix = "Check the clock of this machine, or wait.";
      return [{ ...problem, got: `${which} starts on ${day(from(certificate))}`, fix }];
    }
    return [];
  });
}

function checkNames([leaf]: Chain, domain: string, shown: string): CertificateProblem[] {
  // A wildcard is there when it covers a name below it.
  const host = domain.replace(/^\*/, "name");
  // The common name is not looked at: browsers do not either.
  const covered = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: "never" });
  if (covered !== undefined) {
    return [];
  }
  return [
    {
      file: "certificate",
      expected: `a certificate for ${shown}`,
      got: leaf.subjectAltName ? `one for ${leaf.subjectAltName}` : "one without names (subjectAltName)",
      fix: `Get a certificate for ${shown}, or set the domain to a name of the certificate.`,
    },
  ];
}

function warningsOf(chain: Chain, now: Date): string[] {
  const warnings = [];
  const end = new Date(Math.min(...chain.map((certificate) => until(certificate).getTime())));
  const days = daysBetween(now, end);
  if (days >= 0 && days < WARN_DAYS) {
    warnings.push(`The certificate expires in ${days} days, on ${day(end)}. ${RENEW}`);
  }
  const [leaf] = chain;
  if (chain.length === 1 && !leaf.checkIssued(leaf)) {
    warnings.push(
      `The file lacks the certificate that signed the first one, and some clients refuse that. ${FULL_CHAIN}`,
    );
  }
  return warnings;
}

const from = (certificate: X509Certificate) => new Date(certificate.validFrom);
const until = (certificate: X509Certificate) => new Date(certificate.validTo);
const day = (date: Date) => date.toISOString().slice(0, 10);

/** When the first certificate of a chain ends that ends: the moment from which on browsers refuse it. */
export function chainExpiry(pem: string): Date {
  const chain = readChain(pem);
  if ("fix" in chain) {
    throw new Error(`expected ${chain.expected}, got ${chain.got}`);
  }
  return new Date(Math.min(...chain.map((certificate) => until(certificate).getTime())));
}

/** Whole days from a moment to another. */
export function daysBetween(start: Date, end: Date): number {
  return Math.floor((end.getTime() - start.getTime()) / DAY);
}

/** The common name, or the whole subject on one line. */
function nameOf(certificate: X509Certificate | undefined): string {
  const subject = certificate?.subject ?? "";
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}
