import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { machine } from "../../../config/machine";
import { parseConfig } from "../../../config/parse";
import {
  Encrypted,
  type Override,
  parseStackFile,
  readProject,
  readStackFile,
  StackFileError,
} from "../../../config/stack-file";
import { databaseImage, dockerOf, prefixOf } from "../../../config/stack-file/settings";
import { valuesOf } from "../../../config/stack-file/values";
import { configOptions } from "../../../setup/arguments";

const ROOT = join(__dirname, "..", "..", "..");
const project = { name: "jupyterhub", backendUrl: undefined };
const file = (text: string, overrides: readonly Override[] = []) =>
  parseStackFile(text, project, "dev", overrides);
const config = (...lines: string[]) => file(["config:", ...lines.map((line) => `  ${line}`), ""].join("\n"));

/** What the program says of the same values, without their number. */
function program(values: Record<string, unknown>): string[] {
  const result = parseConfig(values, { project: "jupyterhub", stack: "dev", now: new Date(), ...machine });
  return "errors" in result
    ? result.errors.map(({ key, expected, got }) => `${key}: expected ${expected}, got ${got}`)
    : [];
}

describe("the stack's file", () => {
  // Each as `pulumi config --json` of the real command line gave it.
  const names: [string, string, string | undefined][] = [
    ["text", "jupyterhub:name: physics", "physics"],
    ["no namespace", "name: physics", "physics"],
    ["the old form of a namespace", "jupyterhub:config:name: physics", "physics"],
    ["a number", "jupyterhub:name: 2024", "2024"],
    ["an octal number", "jupyterhub:name: 0123", "83"],
    ["a hexadecimal number", "jupyterhub:name: 0x10", "16"],
    ["a number with an exponent", "jupyterhub:name: 1e3", "1000"],
    ["a number with separators", "jupyterhub:name: 1_000", "1000"],
    ["a word that is a boolean elsewhere", "jupyterhub:name: yes", "yes"],
    ["a boolean", "jupyterhub:name: true", "true"],
    ["nothing", "jupyterhub:name:", "jupyterhub-dev"],
    ["null", "jupyterhub:name: ~", "jupyterhub-dev"],
    ["another namespace", "aws:name: physics", "jupyterhub-dev"],
    ["a date", "jupyterhub:name: 2024-01-02", undefined],
    ["a number with a point", "jupyterhub:name: 1.50", undefined],
    ["capitals", "jupyterhub:name: Physics", undefined],
    ["a list", "jupyterhub:name: [a]", undefined],
  ];
  for (const [what, line, expected] of names) {
    it(`has its name by ${what}: ${expected ?? "refused"}`, () => {
      if (expected === undefined) {
        assert.throws(() => prefixOf(config(line)), /jupyterhub:name: expected 2 to 31 characters of a-z/);
      } else {
        assert.equal(prefixOf(config(line)), expected);
      }
    });
  }

  const hosts: [string, string][] = [
    ["a map", "config:\n  jupyterhub:docker: {host: ssh://a}\n"],
    [
      "JSON text, as ./hub pulumi config set --stack dev writes it",
      `config:\n  jupyterhub:docker: '{"host":"ssh://a"}'\n`,
    ],
    ["no namespace", "config:\n  docker:\n    host: ssh://a\n"],
    ["an alias", "x: &a {host: ssh://a}\nconfig:\n  jupyterhub:docker: *a\n"],
    ["a merge", "x: &a {host: ssh://a}\nconfig:\n  jupyterhub:docker:\n    <<: *a\n"],
    ["a byte-order mark", "\ufeffconfig:\n  jupyterhub:docker: {host: ssh://a}\n"],
    ["CRLF", "config:\r\n  jupyterhub:docker:\r\n    host: ssh://a\r\n"],
    ["a second document", "config:\n  jupyterhub:docker: {host: ssh://a}\n---\nconfig: {}\n"],
    ["JSON", '{"config": {"jupyterhub:docker": {"host": "ssh://a"}}}'],
  ];
  for (const [what, text] of hosts) {
    it(`names the engine by ${what}, for ./up and for the tools`, () => {
      assert.deepEqual(dockerOf(file(text)), { host: "ssh://a" });
      assert.deepEqual(valuesOf(file(text), ["docker"]).docker, { host: "ssh://a" });
    });
  }

  for (const text of [
    "",
    "# nothing\n",
    "config:\n",
    "config: {}\n",
    "config:\n  jupyterhub:docker:\n",
    "config:\n  jupyterhub:docker: {}\n",
  ]) {
    it(`says nothing of the engine in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(dockerOf(file(text)), {});
      assert.equal(prefixOf(file(text)), "jupyterhub-dev");
    });
  }

  const wrong: [string, unknown][] = [
    ["a host that is a number", { host: 7 }],
    ["a host that is none", { host: "docker.example.org" }],
    ["an unknown key", { hosts: "ssh://a" }],
    ["incomplete certificates", { host: "tcp://a:2376", tls: { ca: "ca.pem" } }],
    ["text", "ssh://a"],
    ["a list", ["ssh://a"]],
  ];
  for (const [what, docker] of wrong) {
    it(`refuses ${what} in the words of the program`, () => {
      const own = parseStackFile(JSON.stringify({ config: { "jupyterhub:docker": docker } }), project, "dev");
      const expected = program({ docker }).filter((line) => line.startsWith("jupyterhub:docker"));
      assert.ok(expected.length > 0);
      assert.throws(
        () => dockerOf(own),
        (error) => error instanceof StackFileError && expected.every((line) => error.message.includes(line)),
      );
    });
  }

  it("refuses a key that was set without --path, as the program does", () => {
    const expected =
      /^StackFileError: jupyterhub:docker\.host: expected host below the key docker, got a single key.*\n.*\.\/hub pulumi config set --stack dev --path 'jupyterhub:docker\.host'.*\.\/hub pulumi config rm --stack dev jupyterhub:docker\.host$/s;
    assert.throws(() => config("jupyterhub:docker.host: ssh://a"), expected);
    assert.match(
      program({ "docker.host": "ssh://a", domain: "x" }).join("\n"),
      /^jupyterhub:docker\.host: expected host below the key docker, got a single key/m,
    );
  });

  it("refuses an encrypted address, which ./up would have to know before Pulumi runs", () => {
    for (const line of [
      "jupyterhub:docker: {secure: v1:a}",
      "jupyterhub:docker: {host: {secure: v1:a}}",
      "jupyterhub:docker: {host: tcp://a:1, tls: {ca: a, certificate: b, key: {secure: v1:a}}}",
    ]) {
      assert.throws(
        () => dockerOf(config(line)),
        /^StackFileError: jupyterhub:docker.*: expected a value in clear text, got an encrypted one/,
      );
    }
    assert.throws(
      () => prefixOf(config("jupyterhub:name: {secure: v1:a}")),
      /jupyterhub:name: expected a value in clear text/,
    );
  });

  it("takes encrypted values beside those that it is asked for", () => {
    const own = config(
      "jupyterhub:database: {kind: postgres, x: {secure: v1:a}}",
      "jupyterhub:swarm: {registry: {address: r, user: u, password: {secure: v1:a}}}",
    );
    assert.equal(databaseImage(own), "postgres:17.11-trixie");
    assert.equal(valuesOf(own, ["swarm"]).swarm.registry?.address, "r");
    assert.ok((own.values["database"] as Record<string, unknown>)["x"] instanceof Encrypted);
  });

  it("knows whether the stack runs PostgreSQL's own image", () => {
    assert.equal(
      databaseImage(config(`jupyterhub:database: '{"kind":"postgres"}'`)),
      "postgres:17.11-trixie",
    );
    assert.equal(
      databaseImage(config("jupyterhub:database: {kind: postgres, image: r/postgres:17}")),
      undefined,
    );
    assert.equal(databaseImage(config("jupyterhub:database: {kind: sqlite}")), undefined);
    assert.equal(databaseImage(config("jupyterhub:database: {secure: v1:a}")), undefined);
    assert.equal(databaseImage(config("jupyterhub:database: postgres")), undefined);
    assert.equal(databaseImage(file("")), undefined);
  });

  it("says in which line it is no YAML, once", () => {
    for (const [text, message] of [
      ["config: {}\nx: [\n", /^Pulumi\.dev\.yaml, line 3: expected YAML, but: [^\n]+\.$/],
      ["config:\n\tjupyterhub:name: a\n", /^Pulumi\.dev\.yaml, line 2: expected YAML, but: /],
      [
        "config:\n  a: 1\n  a: 2\n",
        /^Pulumi\.dev\.yaml, line 3: expected YAML, but: Map keys must be unique\.$/,
      ],
      ["config: *a\n", /^Pulumi\.dev\.yaml.*: expected YAML, but: .*a/],
      ["- a\n", /^Pulumi\.dev\.yaml: expected a map at its top \(config: …\), got a list\.$/],
      ["config: []\n", /^Pulumi\.dev\.yaml: expected a map in config, got a list\.$/],
      [
        "config:\n  name: a\n  jupyterhub:name: b\n",
        /expected jupyterhub:name once, got it in two spellings/,
      ],
    ] as const) {
      assert.throws(
        () => file(text),
        (error) => error instanceof StackFileError && message.test(error.message),
        text,
      );
    }
  });

  it("takes what Pulumi.yaml says where the stack says nothing, and the project's own name", () => {
    const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
    try {
      const put = (name: string, text: string) => {
        writeFileSync(join(folder, name), text);
      };
      put(
        "Pulumi.yaml",
        "name: lab\nruntime: nodejs\nconfig:\n  docker: {default: {host: ssh://all}}\n  lab:name: {value: phys}\n  domain: x\n",
      );
      put("Pulumi.a.yaml", "config:\n  lab:variant: swarm\n");
      put("Pulumi.b.yaml", "config:\n  lab:docker: {host: ssh://b}\n  jupyterhub:name: other\n");
      put("Pulumi.c.yaml", "config:\n  lab:docker:\n  lab:name: ''\n");
      assert.deepEqual(dockerOf(readStackFile(folder, "a")), { host: "ssh://all" });
      assert.equal(prefixOf(readStackFile(folder, "a")), "phys");
      assert.deepEqual(dockerOf(readStackFile(folder, "b")), { host: "ssh://b" });
      assert.deepEqual(dockerOf(readStackFile(folder, "c")), {});
      assert.equal(prefixOf(readStackFile(folder, "c")), "lab-c");
      assert.throws(
        () => readStackFile(folder, "d"),
        /^StackFileError: Pulumi\.d\.yaml: expected a file, but there is none at /,
      );
      if (process.getuid?.() !== 0) {
        chmodSync(join(folder, "Pulumi.a.yaml"), 0);
        assert.throws(() => readStackFile(folder, "a"), /expected a file that can be read/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    // The one that is here declares every key with an empty value.
    assert.deepEqual(parseStackFile("", readProject(ROOT), "dev").values, {});
  });

  it("takes what this run sets", () => {
    const text = "config:\n  jupyterhub:docker: {host: ssh://a}\n";
    const of = (...passed: string[]) => dockerOf(file(text, configOptions(passed).overrides));
    assert.deepEqual(of(), { host: "ssh://a" });
    assert.deepEqual(of("-c", 'jupyterhub:docker={"host":"ssh://b"}'), { host: "ssh://b" });
    assert.deepEqual(of("--config=docker.host=ssh://b", "--config-path"), { host: "ssh://b" });
    assert.deepEqual(of("--config-path", "-c", 'jupyterhub:docker["host"]=ssh://b'), { host: "ssh://b" });
    assert.throws(() => of("-c", "jupyterhub:docker.host=ssh://b"), /a single key/);
    assert.deepEqual(of("-c", "aws:docker=x"), { host: "ssh://a" });
    assert.equal(configOptions(["--config-file", "a.yaml"]).file, "a.yaml");
    assert.equal(configOptions(["--config-file=a.yaml", "-c", "x=y"]).file, "a.yaml");
  });

  it("is read without zod", () => {
    const script = `require("./config/stack-file/settings"); require("./setup/stack");
      process.stdout.write(String(Object.keys(require.cache).filter((name) => name.includes("/zod/")).length));`;
    assert.equal(
      execFileSync(process.execPath, ["--require", "./setup/register.cjs", "-e", script], {
        cwd: ROOT,
        encoding: "utf8",
      }),
      "0",
    );
  });
});
