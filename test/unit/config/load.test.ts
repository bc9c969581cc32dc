import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "../../../config";

const AUTH = '{"kind":"shared-password","users":["alice"]}';

describe("the configuration of the current stack", () => {
  let folder: string;
  let warnings: string[];
  const original = pulumi.log.warn;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "jupyterhub-load-"));
    const paths = ["-keyout", join(folder, "k.pem"), "-out", join(folder, "c.pem")];
    const subject = ["-subj", "/CN=x", "-addext", "subjectAltName=DNS:localhost", "-days", "10"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...key, ...subject, ...paths], { stdio: "ignore" });
    await pulumi.runtime.setMocks(
      { newResource: () => assert.fail("the configuration makes no resources"), call: () => assert.fail() },
      "jupyterhub",
      "test",
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
    pulumi.runtime.setAllConfig({});
  });
  beforeEach(() => {
    warnings = [];
    Object.assign(pulumi.log, {
      warn: (text: string) => {
        warnings.push(text);
        return Promise.resolve();
      },
    });
  });
  afterEach(() => {
    Object.assign(pulumi.log, { warn: original });
  });

  function load(values: Record<string, string>, secretKeys: string[] = []): ReturnType<typeof loadConfig> {
    pulumi.runtime.setAllConfig(values, secretKeys);
    return loadConfig();
  }

  const filesTls = () =>
    JSON.stringify({ kind: "files", certificate: join(folder, "c.pem"), key: join(folder, "k.pem") });

  it("is read from the project's namespace and no other", () => {
    const config = load({
      "jupyterhub:domain": "localhost",
      "jupyterhub:auth": AUTH,
      "jupyterhub:ports": '{"https":8443}',
      "docker:host": "tcp://elsewhere:2376",
    });
    assert.equal(config.name, "jupyterhub-test");
    assert.equal(config.ports.https, 8443);
    assert.equal(config.docker.host, undefined);
    assert.ok(Object.isFrozen(config));
    assert.deepEqual(warnings, []);
  });

  it("with errors ends in one message, which Pulumi shows without a stack trace", () => {
    assert.throws(
      () => load({ "jupyterhub:domain": "localhost/", "jupyterhub:auth": AUTH, "jupyterhub:typo": "x" }),
      (error: unknown) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.deepEqual(
          error.message.split("\n").map((line) => line.split(": ")[0]),
          [
            'The configuration of stack "test" has 2 errors; nothing was changed.',
            "  - jupyterhub:typo",
            "  - jupyterhub:domain",
          ],
        );
        return true;
      },
    );
  });

  it("shows no value that is marked secret", () => {
    assert.throws(
      () => load({ "jupyterhub:domain": "hunter2/", "jupyterhub:auth": AUTH }, ["jupyterhub:domain"]),
      (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /jupyterhub:domain: expected .*, got a secret value of another form\./);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });

  it("gives its warnings to Pulumi's log", () => {
    load({ "jupyterhub:domain": "localhost", "jupyterhub:auth": AUTH, "jupyterhub:tls": filesTls() });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^jupyterhub:tls\.certificate: The certificate expires in 9 days, /);
  });

  it("has the private key as a secret output", async () => {
    const { tls } = load({
      "jupyterhub:domain": "localhost",
      "jupyterhub:auth": AUTH,
      "jupyterhub:tls": filesTls(),
    });
    assert.ok(tls.kind === "files");
    assert.equal(await pulumi.isSecret(tls.keyPem), true);
    const key = await new Promise<string>((resolve) => pulumi.unsecret(tls.keyPem).apply(resolve));
    assert.match(key, /^-----BEGIN PRIVATE KEY-----\n/);
    assert.match(tls.certificatePem, /^-----BEGIN CERTIFICATE-----\n/);
  });
});
