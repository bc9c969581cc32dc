import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

const parse = (values: Record<string, unknown>, context = contextWith()) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, context));

/** Two pairs of a certificate and its key. */
let pem: Record<"one" | "other", { certificate: string; key: string }>;

before(() => {
  const folder = mkdtempSync(join(tmpdir(), "config-test-"));
  const pair = (name: string) => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync("openssl", [...args, "-subj", `/CN=${name}`, "-keyout", key, "-out", certificate], {
      stdio: "ignore",
    });
    return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  };
  pem = { one: pair("one"), other: pair("other") };
  rmSync(folder, { recursive: true });
});

describe("docker.tls", () => {
  const tls = { ca: "ca.pem", certificate: "cert.pem", key: "key.pem" };
  const docker = { host: "tcp://docker.example.org", tls };
  const files = () => ({
    "ca.pem": pem.other.certificate,
    "cert.pem": pem.one.certificate,
    "key.pem": pem.one.key,
  });

  it("is read, and the host gets Docker's port for TLS", () => {
    assert.deepEqual(parse({ docker }, contextWith(files())).docker, {
      host: "tcp://docker.example.org:2376",
      tls: {
        ...tls,
        caPem: pem.other.certificate,
        certificatePem: pem.one.certificate,
        keyPem: pem.one.key,
      },
    });
  });

  const refused: [string, Record<string, unknown>, Record<string, string>, RegExp][] = [
    [
      "a missing key",
      {},
      { "key.pem": "" },
      /^jupyterhub:docker\.tls\.key: expected a PEM file with the private key/,
    ],
    [
      "another's key",
      {},
      { "key.pem": "OTHER" },
      /^jupyterhub:docker\.tls\.key: expected a PEM file with the private/,
    ],
    ["no certificate", {}, { "cert.pem": "x" }, /^jupyterhub:docker\.tls\.certificate: expected a PEM file/],
    [
      "no authority",
      {},
      { "ca.pem": "x" },
      /^jupyterhub:docker\.tls\.ca: expected a PEM file with certificates/,
    ],
    [
      "ssh",
      { host: "ssh://a@b" },
      {},
      /^jupyterhub:docker\.host: expected an address tcp:\/\/host:port, .*got "ssh/,
    ],
    ["no host", { host: undefined }, {}, /^jupyterhub:docker\.host: expected .*, got nothing/],
  ];
  for (const [what, over, changed, expected] of refused) {
    it(`refuses ${what} in one message, without what is in the files`, () => {
      const all = { ...files(), ...changed };
      if (changed["key.pem"] === "OTHER") {
        all["key.pem"] = pem.other.key;
      }
      const messages = messagesWith({ docker: { ...docker, ...over } }, contextWith(all));
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", expected);
      assert.doesNotMatch(messages[0] ?? "", /BEGIN/);
    });
  }

  it("refuses a file that is not there", () => {
    const rest = Object.fromEntries(Object.entries(files()).filter(([name]) => name !== "key.pem"));
    assert.deepEqual(messagesWith({ docker }, contextWith(rest)), [
      'jupyterhub:docker.tls.key: expected a file that can be read, got "key.pem", which does not exist. ' +
        "Put the file there, or correct the path (relative to the folder of Pulumi.yaml).",
    ]);
  });

  it("wants all three", () => {
    const [message = ""] = messagesWith({
      docker: { ...docker, tls: { ca: "ca.pem", certificate: "c.pem" } },
    });
    assert.match(message, /^jupyterhub:docker\.tls\.key: expected the path of a PEM file/);
  });
});
