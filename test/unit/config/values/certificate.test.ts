import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseConfig } from "../../../../config/parse";
import { type CertificateInput, checkCertificate } from "../../../../config/values/certificate";
import { configOf, contextWith, messagesOf, MINIMAL, warningsOf } from "../support";

const DAY = 24 * 60 * 60 * 1000;
const DAYS = 90;

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

interface Request {
  /** Name of the pair that signs; without one the certificate signs itself. */
  readonly by?: string;
  /** Alternative names, as openssl takes them. */
  readonly names?: string;
  /** Common name; default: the name of the pair. */
  readonly subject?: string;
  /** Further extensions. */
  readonly extra?: readonly string[];
}

/** Real certificates, made once by openssl: root → intermediate → server, and some that do not fit. */
class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), "jupyterhub-certificates-"));
  readonly root = this.#issue("root");
  readonly intermediate = this.#issue("intermediate", { by: "root" });
  readonly server = this.#issue("server", {
    by: "intermediate",
    names: "DNS:hub.example.org,DNS:*.lab.example.org,IP:10.0.0.7,IP:2001:db8::7",
  });
  readonly other = this.#issue("other", { names: "DNS:hub.example.org" });
  /** Another certificate with the intermediate's name, and nothing in it that tells the two apart by name. */
  readonly namesake = this.#issue("namesake", {
    subject: "intermediate",
    extra: ["subjectKeyIdentifier=none"],
  });
  readonly nameless = this.#issue("hub.example.org");

  /** The server's key with a passphrase, in both spellings. */
  readonly encryptedKeys = [
    this.#openssl("pkcs8", "-topk8", "-in", this.#path("server.key"), "-passout", "pass:x"),
    this.#openssl("ec", "-aes256", "-in", this.#path("server.key"), "-passout", "pass:x"),
  ];

  get chain(): string {
    return this.server.certificate + this.intermediate.certificate;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #issue(name: string, { by, names, subject = name, extra = [] }: Request = {}): Pair {
    const issuer =
      by === undefined ? [] : ["-CA", this.#path(`${by}.pem`), "-CAkey", this.#path(`${by}.key`)];
    const extensions = [...(names === undefined ? [] : [`subjectAltName=${names}`]), ...extra];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", this.#path(`${name}.key`), "-out", this.#path(`${name}.pem`)];
    this.#openssl(
      "req",
      "-x509",
      "-days",
      String(DAYS),
      "-subj",
      `/CN=${subject}`,
      ...key,
      ...files,
      ...issuer,
      ...extensions.flatMap((extension) => ["-addext", extension]),
    );
    return { certificate: this.#read(`${name}.pem`), key: this.#read(`${name}.key`) };
  }

  #openssl(...args: string[]): string {
    return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #read(name: string): string {
    return readFileSync(this.#path(name), "utf8");
  }
}

describe("a certificate", () => {
  let authority: Authority;
  let now: Date;
  let good: CertificateInput;

  before(() => {
    authority = new Authority();
    now = new Date();
    const { key } = authority.server;
    good = { certificatePem: authority.chain, keyPem: key, domains: ["hub.example.org"], now };
  });
  after(() => {
    authority.remove();
  });

  const later = (days: number) => new Date(now.getTime() + days * DAY);
  const date = (days: number) => later(days).toISOString().slice(0, 10);

  function problems(change: Partial<CertificateInput>): string[] {
    const report = checkCertificate({ ...good, ...change });
    return report.problems.map(
      ({ file, expected, got, fix }) => `${file}: expected ${expected}, got ${got}. ${fix}`,
    );
  }

  it("with its chain and key for its name has no fault", () => {
    assert.deepEqual(checkCertificate(good), { problems: [], warnings: [] });
  });

  it("may have other text around the PEM blocks, and Windows line ends", () => {
    const certificatePem = `subject=x\n${authority.chain}\n`.replaceAll("\n", "\r\n");
    assert.deepEqual(checkCertificate({ ...good, certificatePem }), { problems: [], warnings: [] });
  });

  for (const domain of ["HUB.example.org", "alice.lab.example.org", "10.0.0.7", "2001:db8::7"]) {
    it(`covers ${domain}`, () => {
      assert.deepEqual(problems({ domains: [domain] }), []);
    });
  }

  for (const domain of ["example.org", "lab.example.org", "a.b.lab.example.org", "10.0.0.8", "2001:db8::8"]) {
    it(`does not cover ${domain}`, () => {
      assert.deepEqual(problems({ domains: [domain] }), [
        `certificate: expected a certificate for ${domain}, got one for DNS:hub.example.org, DNS:*.lab.example.org, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:7. Get a certificate for ${domain}, or set the domain to a name of the certificate.`,
      ]);
    });
  }

  it("whose name is only in the subject is refused, as browsers do", () => {
    const { certificate, key } = authority.nameless;
    assert.deepEqual(problems({ certificatePem: certificate, keyPem: key }), [
      "certificate: expected a certificate for hub.example.org, got one without names (subjectAltName). Get a certificate for hub.example.org, or set the domain to a name of the certificate.",
    ]);
  });

  it("is not checked for names when the domain is not known", () => {
    assert.deepEqual(problems({ domains: [] }), []);
  });

  it("with the key of another is refused", () => {
    assert.deepEqual(problems({ keyPem: authority.other.key }), [
      "key: expected the private key of the certificate, got the key of another certificate. Use the private key that the certificate was requested with.",
    ]);
  });

  it("after its issuer is refused", () => {
    const certificatePem = authority.intermediate.certificate + authority.server.certificate;
    assert.deepEqual(problems({ certificatePem, domains: [] }), [
      "certificate: expected the server's certificate first, got it as number 2. Put the server's certificate first, then the others, each followed by the one that signed it.",
      "certificate: expected each certificate followed by the one that signed it, got certificate 2 (server), which did not sign certificate 1 (intermediate). Use the file with the whole chain (often called fullchain.pem).",
    ]);
  });

  it("with a gap in its chain is refused", () => {
    const certificatePem = authority.server.certificate + authority.root.certificate;
    assert.deepEqual(problems({ certificatePem }), [
      "certificate: expected each certificate followed by the one that signed it, got certificate 2 (root), which did not sign certificate 1 (server). Use the file with the whole chain (often called fullchain.pem).",
    ]);
  });

  it("followed by a namesake of its issuer is refused", () => {
    const certificatePem = authority.server.certificate + authority.namesake.certificate;
    assert.deepEqual(problems({ certificatePem }), [
      "certificate: expected each certificate followed by the one that signed it, got certificate 2 (intermediate), which did not sign certificate 1 (server). Use the file with the whole chain (often called fullchain.pem).",
    ]);
  });

  it("that has expired is refused, with each certificate of the chain", () => {
    const day = date(DAYS);
    assert.deepEqual(problems({ now: later(DAYS + 1) }), [
      `certificate: expected a certificate that is valid now, got the certificate expired on ${day}. Renew it, and configure the new file.`,
      `certificate: expected a certificate that is valid now, got certificate 2 (intermediate) expired on ${day}. Renew it, and configure the new file.`,
    ]);
  });

  it("that starts later is refused", () => {
    const [first] = problems({ now: later(-2) });
    assert.match(
      first ?? "",
      /^certificate: expected a certificate that is valid now, got the certificate starts on \d{4}-\d\d-\d\d\. Check the clock of this machine, or wait\.$/,
    );
  });

  const notCertificates: [string, (a: Authority) => string, string][] = [
    [
      "text",
      () => "hello",
      "got no -----BEGIN CERTIFICATE----- in the file. Convert a binary (DER) file with: openssl x509 -inform DER -in FILE -out certificate.pem",
    ],
    ["a key", (a) => a.server.key, "got a private key. If the two files are mixed up, swap them."],
    [
      "a damaged one",
      (a) => a.server.certificate.replace(/\n[A-Za-z0-9+/]{64}\n/, "\n"),
      "got a damaged certificate. Copy the file again from where it was issued.",
    ],
  ];
  for (const [what, pem, rest] of notCertificates) {
    it(`that is ${what} is refused`, () => {
      assert.deepEqual(problems({ certificatePem: pem(authority) }), [
        `certificate: expected PEM text with the server's certificate, ${rest}`,
      ]);
    });
  }

  it("whose key has a passphrase is refused", () => {
    for (const keyPem of authority.encryptedKeys) {
      assert.deepEqual(problems({ keyPem }), [
        "key: expected PEM text with a private key without a passphrase, got a key with a passphrase. Remove the passphrase with: openssl pkey -in FILE -out key.pem",
      ]);
    }
  });

  it("whose key is none is refused", () => {
    const expected = "key: expected PEM text with a private key without a passphrase, got";
    const fix = "Use the private key that the certificate was requested with.";
    assert.deepEqual(problems({ keyPem: "hello" }), [`${expected} text that is not a private key. ${fix}`]);
    assert.deepEqual(problems({ keyPem: authority.chain }), [`${expected} a certificate. ${fix}`]);
  });

  it("that ends soon gives a warning", () => {
    const warnings = (days: number) => checkCertificate({ ...good, now: later(days) }).warnings;
    assert.deepEqual(warnings(DAYS - 22), []);
    assert.deepEqual(warnings(DAYS - 20.5), [
      `The certificate expires in 20 days, on ${date(DAYS)}. Renew it, and configure the new file.`,
    ]);
  });

  it("without its issuer gives a warning, unless it is its own", () => {
    const { certificate } = authority.server;
    assert.deepEqual(checkCertificate({ ...good, certificatePem: certificate }), {
      problems: [],
      warnings: [
        "The file lacks the certificate that signed the first one, and some clients refuse that. Use the file with the whole chain (often called fullchain.pem).",
      ],
    });
    const { certificate: certificatePem, key: keyPem } = authority.other;
    assert.deepEqual(checkCertificate({ ...good, certificatePem, keyPem }), { problems: [], warnings: [] });
  });

  describe("in the configuration", () => {
    const tls = { kind: "files", certificate: "c.pem", key: "k.pem" };
    const parse = (files: Record<string, string>, values: object = {}, at = now) =>
      parseConfig({ ...MINIMAL, tls, ...values }, contextWith(files, { now: at }));

    it("is read, with its key", () => {
      const files = { "c.pem": authority.chain, "k.pem": authority.server.key };
      const config = configOf(parse(files));
      assert.deepEqual(config.tls, {
        ...tls,
        trustedProxies: [],
        certificatePem: authority.chain,
        keyPem: authority.server.key,
      });
    });

    it("is refused under the key of the file that is at fault", () => {
      const files = { "c.pem": authority.chain, "k.pem": authority.other.key };
      assert.deepEqual(
        messagesOf(parse(files, { domain: "hub.example.com" })).map((message) => message.split(", got")[0]),
        [
          "jupyterhub:tls.key: expected the private key of the certificate",
          "jupyterhub:tls.certificate: expected a certificate for hub.example.com",
        ],
      );
    });

    it("gives its warnings under its key", () => {
      const files = { "c.pem": authority.chain, "k.pem": authority.server.key };
      const warnings = warningsOf(parse(files, {}, later(DAYS - 3.5)));
      assert.deepEqual(warnings, [
        `jupyterhub:tls.certificate: The certificate expires in 3 days, on ${date(DAYS)}. Renew it, and configure the new file.`,
      ]);
    });
  });
});
