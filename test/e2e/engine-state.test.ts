/** Engines of this test's own, in a network of their own and started with options of their own, and what preview says of them. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dockerClient } from "../../docker-api/client";
import { preflight } from "../../preflight";
import { until } from "./until";

/** The system's files of subordinate ids stay as they are: the engine sees others in their place. */
const SCRIPT = `
set -e
mount --make-rprivate /
echo nobody:200000:65536 >"$FOLDER/subuid"
echo nobody:200000:65536 >"$FOLDER/subgid"
for name in subuid subgid; do
  [ ! -e "/etc/$name" ] || mount --bind "$FOLDER/$name" "/etc/$name"
done
ip link set lo up
exec dockerd --data-root "$FOLDER/data" --exec-root "$FOLDER/exec" --pidfile "$FOLDER/pid" --host "unix://$FOLDER/docker.sock" "$@"
`;

describe("preview on an engine", function () {
  this.timeout(120_000);
  let folder: string;
  let engine: ChildProcess | undefined;

  before(function () {
    const isThere = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
    const can = process.getuid?.() === 0 && ["dockerd", "unshare", "ip"].every(isThere);
    if (!can) {
      assert.ok(!process.env["CI"], "expected root, dockerd, unshare and ip");
      this.skip();
    }
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-state-"));
    // Remapped, even the root of a container is somebody else.
    chmodSync(folder, 0o711);
  });

  afterEach(async () => {
    if (engine?.exitCode === null) {
      engine.kill("SIGTERM");
      await once(engine, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts an engine; its address. */
  async function start(...options: string[]): Promise<string> {
    const started = spawn("unshare", ["--mount", "--net", "sh", "-c", SCRIPT, "sh", ...options], {
      env: { ...process.env, FOLDER: folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    engine = started;
    let log = "";
    started.stderr.on("data", (text: Buffer) => (log += text.toString()));
    const host = `unix://${join(folder, "docker.sock")}`;
    await until("the engine answers", async () => {
      if (started.exitCode !== null) {
        throw new Error(`dockerd ended: ${log.slice(-2000)}`);
      }
      const docker = await dockerClient({ host }, 5000);
      return docker.ping().then(
        () => true,
        () => false,
      );
    });
    return host;
  }

  const check = (host: string) =>
    preflight({
      stack: "dev",
      prefix: "jh-engine-state",
      host,
      address: "127.0.0.1",
      networks: [],
      isSwarm: false,
      limitsCpus: false,
      ports: [],
      memory: [],
    });

  it("with userns-remap ends with the reason and the way out", async () => {
    const host = await start("--userns-remap=nobody:nogroup");
    await assert.rejects(check(host), (error: Error) => {
      assert.match(
        error.message,
        /^The engine of .*: expected an engine without userns-remap, got userns-remap, with which no container can use the host's network/,
      );
      assert.match(error.message, /Remove "userns-remap" from \/etc\/docker\/daemon\.json/);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });

  it("without a default network, on which images are built, ends with the reason", async () => {
    await assert.rejects(check(await start("--bridge=none")), /expected an engine with its default network/);
  });

  it("with other options that make no difference goes on", async () => {
    const host = await start("--iptables=false", "--userland-proxy=false", "--live-restore");
    assert.match((await check(host)).platform, /^linux\//);
  });
});
