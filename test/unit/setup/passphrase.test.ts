import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { passphraseFits, providePassphrase, readPassphrase } from "../../../setup/passphrase";
import { machine } from "./machine";

// Written by `pulumi stack init` (v3.259.0) under the passphrase "correct horse".
const salt = "v1:9tcImRuy+7w=:v1:24889Oo/lRYCtxOT:IQBiu8Dvb0hThiQe+CgzaLh9+vkilA==";

describe("the passphrase", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "setup-test-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("is generated once, for its owner only", () => {
    const here = machine({ root });
    const file = providePassphrase(here, "dev", undefined);
    assert.equal(file, join(root, ".state/passphrase"));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, "utf8");
    assert.match(text, /^[A-Za-z0-9_-]{43}\n$/);
    chmodSync(file, 0o644);
    assert.equal(providePassphrase(here, "dev", "v1:a:v1:b:c"), file);
    assert.equal(readFileSync(file, "utf8"), text);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("is the person's where one is given, an empty one too", () => {
    assert.equal(
      providePassphrase(machine({ root, env: { PULUMI_CONFIG_PASSPHRASE: "" } }), "dev", "s"),
      undefined,
    );
    assert.equal(
      providePassphrase(machine({ root, env: { PULUMI_CONFIG_PASSPHRASE_FILE: "/p" } }), "dev", "s"),
      undefined,
    );
    assert.equal(existsSync(join(root, ".state")), false);
  });

  it("is not replaced by a new one where secrets exist", () => {
    assert.throws(
      () => providePassphrase(machine({ root }), "prod", "v1:a:v1:b:c"),
      /stack "prod" .*does not exist\.\n/,
    );
    assert.equal(existsSync(join(root, ".state/passphrase")), false);
  });

  it("is generated where a killed run left an empty file, unless secrets exist", () => {
    const here = machine({ root });
    mkdirSync(join(root, ".state"));
    writeFileSync(join(root, ".state/passphrase"), "");
    assert.throws(() => providePassphrase(here, "prod", "v1:a:v1:b:c"), /\.state\/passphrase is empty\.\n/);
    const file = providePassphrase(here, "dev", undefined) ?? "";
    assert.match(readFileSync(file, "utf8"), /^[A-Za-z0-9_-]{43}\n$/);
    assert.deepEqual(readdirSync(join(root, ".state")), ["passphrase"]);
  });

  it("is read as pulumi reads it", () => {
    const file = providePassphrase(machine({ root }), "dev", undefined) ?? "";
    assert.match(readPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file }) ?? "", /^\S{43}$/);
    assert.equal(readPassphrase({ PULUMI_CONFIG_PASSPHRASE: "x", PULUMI_CONFIG_PASSPHRASE_FILE: file }), "x");
    assert.equal(readPassphrase({}), undefined);
  });

  it("opens the secrets it was made for, and no others", async () => {
    assert.equal(await passphraseFits(salt, "correct horse"), true);
    assert.equal(await passphraseFits(salt, "wrong horse"), false);
    assert.equal(await passphraseFits("v2:something:else", "wrong horse"), true);
  });
});
