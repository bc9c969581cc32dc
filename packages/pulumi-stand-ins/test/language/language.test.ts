/** The stand-in for the Node.js language host answers as the real one was recorded, and runs programs as it does. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { languageHost } from "../../language-nodejs/host";
import {
  type ProgramInfo,
  type RunRequest,
  runtimeOptions,
  splitArguments,
} from "../../language-nodejs/program";
import { recordedCalls } from "../lib/replay";

const MODULES = join(__dirname, "..", "..", "..", "..", "node_modules");

interface Seen {
  argv: string[];
  execArgv: string[];
  env: Record<string, string>;
}

/** Stands for the SDK's runner: writes down how it was started. */
const RUNNER = `
const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT, CODE, HANG } = process.env;
const env = { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT };
require("fs").writeFileSync("seen.json", JSON.stringify({ argv: process.argv.slice(2), execArgv: process.execArgv, env }));
if (HANG) setInterval(() => {}, 1000);
else process.exit(Number(CODE ?? 0));
`;

describe("the stand-in language host", function () {
  // Programs are started here, on machines that may be busy.
  this.timeout(30_000);
  const calls = recordedCalls("nodejs");
  const recorded = (method: string): unknown[] => calls.filter((call) => call.method === method);
  let folder: string;
  const never = new AbortController().signal;
  const seen = (): Seen => JSON.parse(readFileSync(join(folder, "seen.json"), "utf8")) as Seen;
  const here = (info: ProgramInfo): ProgramInfo => ({
    ...info,
    programDirectory: folder,
    rootDirectory: folder,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "program-"));
    const runner = join(folder, "node_modules", "@pulumi", "pulumi", "cmd", "run", "index.js");
    mkdirSync(dirname(runner), { recursive: true });
    writeFileSync(runner, RUNNER);
    for (const name of ["command", "docker", "random"]) {
      symlinkSync(join(MODULES, "@pulumi", name), join(folder, "node_modules", "@pulumi", name));
    }
    symlinkSync(join(MODULES, "tsx"), join(folder, "node_modules", "tsx"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    delete process.env.CODE;
    delete process.env.HANG;
  });

  it("finds the plugins that the real one found", () => {
    const asked = recorded("GetRequiredPackages") as {
      request: { info: ProgramInfo };
      response: { packages: unknown };
    }[];
    assert.ok(asked.length > 0);
    for (const { request, response } of asked) {
      assert.deepEqual(languageHost().getRequiredPackages(here(request.info)), response.packages);
    }
  });

  it("runs what the real one ran", async () => {
    const asked = recorded("Run") as { request: RunRequest; response: object }[];
    assert.ok(asked.length > 0);
    for (const { request, response } of asked) {
      const host = languageHost();
      host.handshake("127.0.0.1:2");
      assert.deepEqual(await host.run({ ...request, info: here(request.info) }, never), response);
      const flags = {
        monitor: request.monitorAddress,
        engine: "127.0.0.1:2",
        organization: "organization",
        project: request.project,
        "root-directory": folder,
        stack: "dev",
        pwd: folder,
        parallel: "8",
      };
      const config = Object.entries(request.config ?? {}).map(([key, value]) => [
        key.replace(":", ":config:"),
        value,
      ]);
      assert.deepEqual(seen(), {
        argv: [
          ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
          ...(request.dryRun ? ["--dry-run"] : []),
          "index.ts",
        ],
        execArgv: ["--import", "tsx"],
        env: { PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)), PULUMI_CONFIG_SECRET_KEYS: "[]" },
      });
    }
  });

  const request = (options: Record<string, unknown> = {}): RunRequest => ({
    project: "p",
    stack: "s",
    monitorAddress: "127.0.0.1:1",
    config: { "p:a:config:b": "x", "p:c": "y" },
    configSecretKeys: ["p:c"],
    args: ["more"],
    info: { rootDirectory: folder, programDirectory: folder, entryPoint: ".", options },
  });

  it("passes on secret keys, TypeScript and arguments", async () => {
    assert.deepEqual(await languageHost().run(request(), never), {});
    assert.equal(seen().env.PULUMI_NODEJS_TYPESCRIPT, "true");
    assert.equal(seen().env.PULUMI_CONFIG_SECRET_KEYS, '["p:c"]');
    assert.deepEqual(seen().argv.slice(-2), [".", "more"]);
  });

  it("tells how a program ended", async () => {
    process.env.CODE = "32";
    assert.deepEqual(await languageHost().run(request(), never), { bail: true });
    process.env.CODE = "3";
    assert.deepEqual(await languageHost().run(request(), never), {
      error: "Program exited with non-zero exit code: 3",
    });
  });

  it("says what to do when the SDK is not installed, or an option is wrong", async () => {
    rmSync(join(folder, "node_modules", "@pulumi", "pulumi"), { recursive: true });
    const { error } = await languageHost().run(request(), never);
    assert.match(error ?? "", /the Pulumi SDK has not been installed. Have you run pulumi install\?/);
    assert.deepEqual(await languageHost().run(request({ typescript: "no" }), never), {
      error: "typescript option must be a boolean",
    });
  });

  for (const how of ["cancel", "the end of the call"] as const) {
    it(`ends the program at ${how}`, async () => {
      process.env.HANG = "1";
      const host = languageHost();
      const call = new AbortController();
      const result = host.run(request(), call.signal);
      for (let tries = 0; tries < 200 && !exists(join(folder, "seen.json")); tries++) {
        await sleep(20);
      }
      if (how === "cancel") {
        host.cancel();
      } else {
        call.abort();
      }
      assert.deepEqual(await result, { error: "Program exited with non-zero exit code: -1" });
      await host.idle();
    });
  }

  it("finds plugins in nested packages, and leaves out what names none", () => {
    const manifest = (path: string, text: string): void => {
      mkdirSync(join(folder, "node_modules", path), { recursive: true });
      writeFileSync(join(folder, "node_modules", path, "package.json"), text);
    };
    manifest("a", '{"name": "a", "version": "1.0.0", "pulumi": {"resource": true}}');
    manifest("b", '{"name": "b", "version": "1.0.0", "pulumi": {"resource": false, "name": "b"}}');
    manifest("c", '{"name": "c", "version": "1.0.0", "pulumi": ');
    manifest(
      "d/node_modules/@x/e",
      '{"name": "@x/e", "version": "1.0.0", "pulumi": {"resource": true, "name": "e", "version": "v2.0.0", "server": "https://s"}}',
    );
    assert.deepEqual(languageHost().getRequiredPackages(request().info).at(-1), {
      name: "e",
      kind: "resource",
      version: "v2.0.0",
      server: "https://s",
    });
    assert.equal(languageHost().getRequiredPackages(request().info).length, 4);
  });
});

function exists(file: string): boolean {
  try {
    return readFileSync(file, "utf8").endsWith("}");
  } catch {
    return false;
  }
}

describe("runtime options", () => {
  it("are split as a shell splits", () => {
    assert.deepEqual(splitArguments(`--import tsx --title="a b" 'c d'e f\\ g "h\\"i"`), [
      "--import",
      "tsx",
      "--title=a b",
      "c de",
      "f g",
      'h"i',
    ]);
    assert.deepEqual(splitArguments("  "), []);
  });

  it("have TypeScript on unless it is turned off", () => {
    assert.deepEqual(runtimeOptions(), { typescript: true, nodeargs: [] });
    assert.deepEqual(runtimeOptions({ typescript: false, tsconfig: "t.json", nodeargs: "-x" }), {
      typescript: false,
      tsconfig: "t.json",
      nodeargs: ["-x"],
    });
  });
});
