import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

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

describe("database", () => {
  it("postgres: has an image with a version, a limit, and takes over what SQLite had", () => {
    assert.deepEqual(parse({ database: { kind: "postgres" } }).database, {
      kind: "postgres",
      image: "postgres:17.11-trixie",
      memory: 256 * 1024 ** 2,
      moveFrom: "sqlite",
    });
  });

  for (const image of [
    "postgres:17",
    "registry.example.org:5000/library/postgres:17.11-trixie",
    `postgres:17.11@sha256:${"0".repeat(64)}`,
  ]) {
    it(`postgres: takes ${image.slice(0, 60)}`, () => {
      assert.ok(parse({ database: { kind: "postgres", image } }));
    });
  }
  for (const image of ["postgres", "postgres:18.1", "postgres:latest", "postgres:170", "17"]) {
    it(`postgres: refuses ${image}, which has not what the volume is made for`, () => {
      const [message = ""] = messagesWith({ database: { kind: "postgres", image } });
      assert.match(
        message,
        /^jupyterhub:database\.image: expected an image of PostgreSQL 17 whose tag says so/,
      );
      assert.ok(message.includes(image));
    });
  }

  it("url: leaves as a secret, and the old name of the scheme is put right", () => {
    const url = "postgres://hub:p%40ss@db.example.org/hub?sslmode=require";
    const { database, secrets } = parse({ database: { kind: "url", url } });
    assert.deepEqual(database, { kind: "url", url: "database_url", moveFrom: "sqlite" });
    assert.deepEqual(secretsFor({ secrets }, "hub"), {
      database_url: url.replace("postgres:", "postgresql:"),
    });
  });

  it("url: in clear text is warned of, and not shown", () => {
    const database = { kind: "url", url: "postgresql://hub:s3cret@db/hub" };
    const context = contextWith({}, { secretKeys: new Set() });
    const [warning = ""] = warningsOf(parseConfig({ ...MINIMAL, database }, context));
    assert.match(warning, /^jupyterhub:database\.url is in clear text in the stack file/);
    assert.doesNotMatch(warning, /s3cret/);
  });

  for (const url of [
    "mysql://hub:s3cret@db/hub",
    "sqlite:////s3cret",
    "postgresql://hub:s3cret@db",
    "postgresql:///s3cret",
    "s3cret",
  ]) {
    it(`url: refuses ${url}, and does not show it`, () => {
      const [message = "", ...more] = messagesWith({ database: { kind: "url", url } });
      assert.match(
        message,
        /^jupyterhub:database\.url: expected postgresql:\/\/user:password@host:port\/name/,
      );
      assert.match(message, /\.\/hub pulumi config set --stack dev --secret/);
      assert.doesNotMatch(message, /s3cret/);
      assert.deepEqual(more, []);
    });
  }

  it("url: reads the authority for the server's certificate", () => {
    const context = contextWith({ "ca.pem": pem.one.certificate });
    const database = { kind: "url", url: "postgresql://hub:s3cret@db/hub", ca: "ca.pem" };
    const { database: parsed } = parse({ database }, context);
    assert.equal(parsed.caPem, pem.one.certificate);
    assert.match(
      messagesWith({ database }).join(),
      /^jupyterhub:database\.ca: expected a file that can be read/,
    );
    const text = contextWith({ "ca.pem": "no certificate" });
    assert.match(
      messagesWith({ database }, text).join(),
      /ca: expected a PEM file with certificates, got "ca.pem"/,
    );
  });
});
