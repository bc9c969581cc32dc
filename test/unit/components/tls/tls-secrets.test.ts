import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

import {
  AUTHORITY_SCRIPT,
  CERTIFICATE_SCRIPT,
  splitPem,
  subjectAltNames,
} from "../../../../components/tls/openssl";
import { TlsSecrets } from "../../../../components/tls/tls-secrets";
import { isKnown, run, urnName, value } from "../harness";

const authority = execFileSync("/bin/sh", ["-c", AUTHORITY_SCRIPT], { encoding: "utf8" });
const made = new Date(new X509Certificate(splitPem(authority).certificate).validFrom);
const options = { outputs: { "tls-authority": { stdout: authority } } };

const selfSigned =
  (after = 0) =>
  () =>
    new TlsSecrets("tls", {
      source: {
        kind: "self-signed",
        names: ["hub.example.org", "192.0.2.1"],
        days: 90,
        now: new Date(made.getTime() + after * 86_400_000),
      },
    });

describe("TlsSecrets, self-signed", () => {
  it("makes an authority, and a certificate for all names from it", async () => {
    const { inputs, ofType } = await run(selfSigned(), options);
    const commands = ofType("command:local:Command");
    assert.deepEqual(
      commands.map((one) => [one.name, urnName(one.parent)]),
      [
        ["tls-authority", "tls"],
        ["tls-certificate", "tls"],
      ],
    );
    assert.deepEqual(inputs("tls-authority"), { create: AUTHORITY_SCRIPT, logging: "none", triggers: [] });
    const { stdin, ...rest } = inputs("tls-certificate");
    assert.deepEqual(rest, {
      create: CERTIFICATE_SCRIPT,
      environment: {
        COMMON_NAME: "hub.example.org",
        DAYS: "90",
        SUBJECT_ALT_NAMES: "DNS:hub.example.org,IP:192.0.2.1",
      },
      logging: "none",
      triggers: ["hub.example.org", "192.0.2.1", "90", "0"],
    });
    assert.equal(stdin, authority);
  });

  it("makes a new certificate from the same authority in the last third of its days, and none before", async () => {
    const at = async (days: number) => (await run(selfSigned(days), options)).inputs;
    const first = await at(0);
    const before = await at(59);
    const due = await at(61);
    const again = await at(100);
    assert.deepEqual(before("tls-certificate"), first("tls-certificate"));
    assert.notDeepEqual(due("tls-certificate"), first("tls-certificate"));
    assert.deepEqual(again("tls-certificate"), due("tls-certificate"));
    assert.deepEqual(due("tls-authority"), first("tls-authority"));
  });

  it("keeps what openssl prints secret, and the certificates public", async () => {
    const { result, ofType } = await run(selfSigned(), options);
    for (const one of ofType("command:local:Command")) {
      assert.deepEqual(one.options.additionalSecretOutputs, ["stdout", "stderr"]);
    }
    assert.equal(await pulumi.isSecret(result.key), true);
    assert.equal(await pulumi.isSecret(result.certificate), false);
    assert.match(await value(result.key), /key-of-tls-certificate/);
    assert.match(await value(result.certificate), /certificate-of-tls-certificate/);
    assert.ok(result.caCertificate);
    assert.equal(await pulumi.isSecret(result.caCertificate), false);
    assert.equal(await value(result.caCertificate), splitPem(authority).certificate);
  });

  it("knows neither at preview", async () => {
    const { result } = await run(selfSigned(), { preview: true });
    assert.equal(await isKnown(result.certificate), false);
    assert.equal(await isKnown(result.key), false);
  });
});

describe("TlsSecrets, from files", () => {
  it("makes nothing, and keeps the key secret", async () => {
    const { registrations, result } = await run(
      () => new TlsSecrets("tls", { source: { kind: "files", certificate: "chain", key: "private" } }),
    );
    assert.equal(registrations.filter((one) => one.custom).length, 0);
    assert.equal(await value(result.certificate), "chain");
    assert.equal(await value(result.key), "private");
    assert.equal(await pulumi.isSecret(result.key), true);
    assert.equal(result.caCertificate, undefined);
  });
});

describe("openssl scripts", () => {
  it("make a certificate that the authority signed, for the names and days asked for", () => {
    const shell = (script: string, input = "", env = {}) =>
      execFileSync("/bin/sh", ["-c", script], { input, env: { ...process.env, ...env }, encoding: "utf8" });
    const authority = shell(AUTHORITY_SCRIPT);
    const server = shell(CERTIFICATE_SCRIPT, authority, {
      COMMON_NAME: "hub.example.org",
      DAYS: "30",
      SUBJECT_ALT_NAMES: subjectAltNames(["hub.example.org", "192.0.2.1"]),
    });

    const ca = new X509Certificate(splitPem(authority).certificate);
    const certificate = new X509Certificate(splitPem(server).certificate);
    assert.equal(ca.ca, true);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.verify(ca.publicKey), true);
    assert.equal(certificate.checkHost("hub.example.org"), "hub.example.org");
    assert.equal(certificate.checkIP("192.0.2.1"), "192.0.2.1");
    assert.equal(certificate.checkHost("other.example.org"), undefined);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
    assert.equal(Math.round(days), 30);
    assert.notEqual(splitPem(server).key, splitPem(authority).key);
  });

  it("say what is missing without showing the text", () => {
    assert.throws(() => splitPem("something secret"), /^Error: openssl printed no private key$/);
  });
});
