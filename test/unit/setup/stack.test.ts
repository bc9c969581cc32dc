import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import {
  fileBackend,
  namesSecrets,
  readStack,
  readState,
  saltOf,
  stackNames,
  withSalt,
  writePrivateConfig,
} from "../../../setup/stack";
import { machine } from "./machine";

const project = { name: "jupyterhub", backendUrl: "file://./.state" };
const salt = "v1:k7zpvziVEBs=:v1:Pab1FOp7cdedEQKL:bJ/41AN6+b5q9882zceBCRGPcuDgVw==";

describe("the file of a stack", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "setup-test-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("names the stacks that there are when it is missing", () => {
    writeFileSync(join(root, "Pulumi.yaml"), "name: jupyterhub\n");
    writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {}\n");
    writeFileSync(join(root, "Pulumi.test.yaml"), "config: {}\n");
    assert.throws(
      () => readStack(machine({ root }), "prod"),
      /Pulumi\.prod\.yaml, which does not exist\.\n {2}There are: dev, test\.\n.*cp Pulumi\.dev\.yaml Pulumi\.prod\.yaml/,
    );
  });

  it("is refused when Pulumi cannot pass all of it to the program", () => {
    writeFileSync(join(root, "Pulumi.yaml"), "name: jupyterhub\n");
    const write = (count: number) => {
      const users = Array.from({ length: count }, (_, at) => `      - student-${at}\n`).join("");
      writeFileSync(
        join(root, "Pulumi.dev.yaml"),
        `config:\n  jupyterhub:domain: localhost\n  jupyterhub:auth:\n    users:\n${users}`,
      );
    };
    write(7000);
    assert.equal(readStack(machine({ root }), "dev").name, "dev");
    write(10_000);
    assert.throws(
      () => readStack(machine({ root }), "dev"),
      /^SetupError: Pulumi\.dev\.yaml: expected at most 124 KiB [^]*, got 165 KiB\.\n {2}165 KiB of it are in jupyterhub:auth\. .*jupyterhub:auth\.usersFile\.$/,
    );
  });

  it("says where YAML ends", () => {
    writeFileSync(join(root, "Pulumi.dev.yaml"), "config: [\n");
    assert.throws(() => readStack(machine({ root }), "dev"), /Pulumi\.dev\.yaml, line 2: expected YAML, but/);
  });

  it("is copied with the salt of the copy before, and never changed itself", () => {
    const text = "# kept\nconfig:\n  jupyterhub:domain: localhost # this too";
    writeFileSync(join(root, "Pulumi.dev.yaml"), text);
    const here = machine({ root });
    const copy = writePrivateConfig(here, readStack(here, "dev"));
    assert.equal(copy, join(root, ".state/config/Pulumi.dev.yaml"));
    assert.equal(readFileSync(copy, "utf8"), `${text}\n`);
    assert.equal(statSync(copy).mode & 0o777, 0o600);

    writeFileSync(copy, `${text}\nencryptionsalt: ${salt}\n`);
    const changed = text.replace("localhost", "hub.example.org");
    writeFileSync(join(root, "Pulumi.dev.yaml"), changed);
    assert.equal(readStack(here, "dev").salt, salt);
    writePrivateConfig(here, readStack(here, "dev"));
    assert.equal(readFileSync(copy, "utf8"), `${changed}\nencryptionsalt: ${salt}\n`);
    assert.equal(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"), changed);
  });

  it("has the salt of the state where the copy with it is gone", () => {
    writeFileSync(join(root, "Pulumi.yaml"), "name: jupyterhub\nbackend:\n  url: file://./.state\n");
    writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {}\n");
    const here = machine({ root });
    const states = join(root, ".state/.pulumi/stacks/jupyterhub");
    mkdirSync(states, { recursive: true });
    const latest = { secrets_providers: { type: "passphrase", state: { salt } } };
    for (const [content, expected] of [
      [JSON.stringify({ version: 3, checkpoint: { latest } }), salt],
      [JSON.stringify({ version: 3, checkpoint: { latest: null } }), undefined],
      ["{", undefined],
    ] as const) {
      writeFileSync(join(states, "dev.json"), content);
      assert.equal(readStack(here, "dev").salt, expected, content);
    }
  });

  it("is copied by two runs at once", async () => {
    writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {}\n");
    const program = `
      const { writePrivateConfig } = require("./setup/stack");
      for (let turn = 0; turn < 300; turn += 1) {
        writePrivateConfig({ root: process.env.ROOT }, { name: "dev", text: "# " + turn + process.pid + "\\n" });
      }`;
    const run = () =>
      promisify(execFile)(process.execPath, ["--require", "./setup/register.cjs", "--eval", program], {
        cwd: join(__dirname, "../../.."),
        env: { ...process.env, ROOT: root },
      });
    await Promise.all([run(), run()]);
    assert.deepEqual(readdirSync(join(root, ".state/config")), ["Pulumi.dev.yaml"]);
  });

  it("is used in place when it names its secrets", () => {
    writeFileSync(join(root, "Pulumi.prod.yaml"), `encryptionsalt: ${salt}\nconfig: {}\n`);
    const here = machine({ root });
    const stack = readStack(here, "prod");
    assert.equal(stack.salt, salt);
    assert.equal(writePrivateConfig(here, stack), undefined);
    assert.equal(existsSync(join(root, ".state")), false);
  });
});

describe("text of a stack's file", () => {
  it("carries its salt plain or quoted, at the top level only", () => {
    assert.equal(saltOf(`config: {}\nencryptionsalt: ${salt}\n`), salt);
    assert.equal(saltOf(`encryptionsalt: "${salt}"`), salt);
    assert.equal(saltOf(`config:\n  encryptionsalt: ${salt}\n`), undefined);
  });

  it("names its secrets in each of Pulumi's ways", () => {
    assert.equal(namesSecrets("secretsprovider: awskms://alias/x\n"), true);
    assert.equal(namesSecrets("config:\n  secretsprovider: x\n"), false);
  });

  it("gets a salt on a line of its own", () => {
    assert.equal(withSalt("config: {}", "s"), "config: {}\nencryptionsalt: s\n");
    assert.equal(withSalt("", "s"), "encryptionsalt: s\n");
    assert.equal(withSalt("config: {}\n", undefined), "config: {}\n");
  });

  it("is told from other files by its name", () => {
    assert.deepEqual(stackNames(["Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "x.yaml"]), [
      "dev",
      "prod",
    ]);
  });
});

describe("the backend", () => {
  it("is a folder for file:// only, relative to the checkout", () => {
    const here = machine({ root: "/checkout" });
    assert.deepEqual(fileBackend(here, project), { folder: "/checkout/.state" });
    assert.deepEqual(fileBackend(here, { ...project, backendUrl: "file:///srv/state?no_tmp_dir=true" }), {
      folder: "/srv/state",
    });
    assert.equal(fileBackend(here, { ...project, backendUrl: undefined }), undefined);
    assert.equal(fileBackend(machine({ env: { PULUMI_BACKEND_URL: "s3://bucket" } }), project), undefined);
  });
});

describe("the state", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-test-"));
    mkdirSync(join(folder, ".pulumi/stacks/jupyterhub"), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = () => join(folder, ".pulumi/stacks/jupyterhub/dev.json");
  const write = (text: string): void => {
    writeFileSync(file(), text);
  };

  it("has outputs and interrupted operations", () => {
    const pending = { type: "creating", resource: { urn: "u", type: "t" } };
    const stack = { urn: "s", type: "pulumi:pulumi:Stack", outputs: { url: "https://a/" } };
    write(JSON.stringify({ checkpoint: { latest: { resources: [stack], pending_operations: [pending] } } }));
    const state = readState({ folder }, project, "dev");
    assert.deepEqual(state?.outputs, { url: "https://a/" });
    assert.deepEqual(state.pending, [pending]);
    assert.equal(readState({ folder }, project, "prod"), undefined);
  });

  it("may be that of a stack without anything", () => {
    write('{"version":3,"checkpoint":{"stack":"dev","latest":null}}');
    assert.deepEqual(readState({ folder }, project, "dev"), { resources: [], pending: [], outputs: {} });
  });

  it("that cannot be read ends with a command that takes its newest copy", () => {
    const backups = join(folder, ".pulumi", "backups", "jupyterhub", "dev");
    const good = '{"version":3,"checkpoint":{"stack":"dev","latest":null}}';
    const told = () => {
      try {
        readState({ folder }, project, "dev");
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    for (const text of ["", "{", "{}", "null", '{"version":3,"checkpoint":null}']) {
      write(text);
      assert.match(told(), /^State of stack "dev": expected JSON in .*dev\.json, but /, text);
      assert.match(told(), /\n {4}rm \S*dev\.json && \.\/up dev --take-over$/, text);
    }
    mkdirSync(backups, { recursive: true });
    for (const [name, text, age] of [
      ["dev.1.json", good, 3],
      ["dev.2.json", good, 2],
      ["dev.3.json", good.slice(0, 9), 1],
      ["dev.2.json.attrs", "{}", 0],
    ] as const) {
      writeFileSync(join(backups, name), text);
      utimesSync(join(backups, name), 1e9 - age, 1e9 - age);
    }
    assert.match(told(), /of 2001-09-09T01:46:38Z.*\n {4}cp \S*dev\.2\.json \S*dev\.json && \.\/up dev$/);
    writeFileSync(`${file()}.bak`, good);
    assert.match(told(), /\n {4}cp \S*dev\.json\.bak \S*dev\.json && \.\/up dev$/);
    execFileSync("sh", ["-c", /cp \S+ \S+/.exec(told())?.[0] ?? ""]);
    assert.deepEqual(readState({ folder }, project, "dev"), { resources: [], pending: [], outputs: {} });
  });
});
