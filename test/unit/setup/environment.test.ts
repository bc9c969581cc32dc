import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type EnvironmentFacts,
  exportLines,
  pulumiEnvironment,
  shimScript,
} from "../../../setup/environment";
import { cacheDirectory, searchPath } from "../../../setup/machine";
import { machine } from "./machine";

function facts(overrides: Partial<EnvironmentFacts>): EnvironmentFacts {
  return {
    machine: machine(),
    stack: "dev",
    cli: { path: "/usr/bin/pulumi", version: "3.259.0" },
    plugins: { required: [], resources: "real", language: "real" },
    engine: undefined,
    passphraseFile: undefined,
    hasFileBackend: false,
    ...overrides,
  };
}

describe("the environment of pulumi", () => {
  it("is the shell's own where everything is there", () => {
    assert.deepEqual(pulumiEnvironment(facts({})), { PULUMI_STACK: "dev", PULUMI_SKIP_UPDATE_CHECK: "true" });
  });

  it("has what a machine without real plugins needs, apart from the person's own Pulumi folder", () => {
    const env = pulumiEnvironment(
      facts({
        cli: { path: "/cache/bin/pulumi", version: "3.259.0" },
        plugins: { required: [], resources: "stand-in", language: "stand-in" },
        passphraseFile: "/checkout/.state/passphrase",
        hasFileBackend: true,
      }),
    );
    assert.deepEqual(env, {
      PULUMI_STACK: "dev",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PATH: "/cache/bin:/usr/bin:/bin",
      PULUMI_HOME: "/cache/pulumi-home",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/checkout/.state/passphrase",
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    });
  });

  it("mixes a real command line and language host with stand-ins for plugins", () => {
    const env = pulumiEnvironment(
      facts({ plugins: { required: [], resources: "stand-in", language: "real" } }),
    );
    assert.equal(env.PATH, undefined);
    assert.equal(env.PULUMI_HOME, "/cache/pulumi-home");
  });

  it("names the engine only where pulumi would not find it", () => {
    const engine = { version: "29.0.0", architecture: "amd64" };
    const found = {
      ...engine,
      endpoint: { host: "unix:///run/user/1/docker.sock", source: "found" as const },
    };
    assert.equal(pulumiEnvironment(facts({ engine: found })).DOCKER_HOST, "unix:///run/user/1/docker.sock");
    for (const source of ["default", "DOCKER_HOST", "configuration"] as const) {
      const env = pulumiEnvironment(
        facts({ engine: { ...engine, endpoint: { host: "tcp://a:1", source } } }),
      );
      assert.equal("DOCKER_HOST" in env, false);
    }
  });

  it("is quoted for a shell", () => {
    const value = 'it\'s $HOME; `ls` "x"\nend';
    const script = `${exportLines({ A: value })}printf %s "$A"`;
    assert.equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), value);
  });
});

describe("the pulumi of ./up --env", () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "setup test'-")));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("goes by way of the checkout in it, and is the real one elsewhere", () => {
    const program = (name: string, says: string): string => {
      const file = join(root, name);
      writeFileSync(file, `#!/bin/sh\necho ${says} "$@"\n`, { mode: 0o755 });
      return file;
    };
    program("hub", "hub");
    const here = machine({ root });
    const shim = join(root, "shim");
    writeFileSync(
      shim,
      shimScript(here, { path: program("real", "real"), version: "" }, join(root, "states")),
      { mode: 0o755 },
    );
    const run = (cwd: string, more = {}, args = ["up", "--diff"]): string => {
      const env = { PATH: `${root}:/usr/bin:/bin`, PULUMI_STACK: "dev", ...more };
      return execFileSync(shim, args, { cwd, encoding: "utf8", env }).trim();
    };
    assert.equal(run(root), "hub pulumi up --diff");
    assert.equal(run("/"), "real up --diff");
    assert.equal(run(root, { JUPYTERHUB_PULUMI: "1" }), "real up --diff");

    const preview = (...args: string[]): string | undefined =>
      run(root, {}, ["preview", ...args]).split(" ")[0];
    assert.equal(preview(), "hub", "a stack that does not exist is made on the way");
    mkdirSync(join(root, "states"), { recursive: true });
    writeFileSync(join(root, "states/dev.json"), "{}");
    assert.equal(preview("--diff"), "real");
    assert.equal(preview("--stack", "dev", "--diff"), "real");
    assert.equal(preview("--stack", "prod"), "hub");
    assert.equal(preview("-s", "prod"), "hub");
    assert.equal(preview("--config", "a=b"), "hub");
    assert.equal(run(root, {}, ["up", "--stack", "dev"]).split(" ")[0], "hub");
  });
});

describe("the machine", () => {
  it("has one cache for a user", () => {
    assert.equal(cacheDirectory({}, "/home/ada"), "/home/ada/.cache/jupyterhub-on-docker");
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/c" }, "/home/ada"), "/c/jupyterhub-on-docker");
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/c", JUPYTERHUB_CACHE: "/d" }, "/home/ada"), "/d");
  });

  it("looks for system programs where root has them", () => {
    assert.deepEqual(searchPath(machine()), ["/usr/bin", "/bin"]);
    assert.deepEqual(searchPath(machine({ isRoot: true, env: { PATH: "/sbin:/bin" } })), [
      "/sbin",
      "/bin",
      "/usr/local/sbin",
      "/usr/sbin",
    ]);
  });
});
