import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { type Answer, Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { until } from "./until";

const artifacts = join(__dirname, "artifacts");

/** Kills a process and all below it at once: `./up`, pulumi, the program and the plugins. */
function killAll(pid: number): void {
  const parents = readdirSync("/proc").flatMap((name) => {
    try {
      // The command's name, in parentheses, may have blanks in it.
      const stat = readFileSync(join("/proc", name, "stat"), "utf8");
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])] as const];
    } catch {
      // No process, or gone by now.
      return [];
    }
  });
  const below = (one: number): number[] =>
    parents.flatMap(([child, parent]) => (parent === one ? [child, ...below(child)] : []));
  for (const one of [pid, ...below(pid)]) {
    process.kill(one, "SIGKILL");
  }
}

/** Each step stands on the one before: the first that fails ends the story. */
describe("what was changed by hand, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let alice: HubClient;
  let kernel: RunningKernel | undefined;
  let server: string;

  before(async function () {
    this.timeout(900_000);
    deployment = await Deployment.create({}, { installed: true });
    await deployment.up();
    alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
    assert.equal(await alice.login(await deployment.output("userPassword")), true);
    await alice.startServer();
    kernel = await RunningKernel.start(alice.serverSettings());
    await kernel.run("counter = 41");
    server = await deployment.containerId("user-alice");
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });
  after(async () => {
    kernel?.leave();
    if (alice as HubClient | undefined) {
      await alice.close();
    }
    await (deployment as Deployment | undefined)?.remove();
  });

  const docker = (...args: string[]) => execa("docker", args);
  const named = (role: string) => `${deployment.name}-${role}`;

  /** Each object with its fields, as it has to be told. */
  function assertTold({ output }: Answer, told: readonly string[]): void {
    for (const text of told) {
      const line = output.split("\n").find((one) => one.includes(`warning: ${text}`));
      assert.ok(line, `expected the warning ${text}\n${output}`);
    }
  }

  async function assertCorrected(roles: readonly string[]): Promise<void> {
    for (const role of roles) {
      const { State } = await deployment.docker.getContainer(named(role)).inspect();
      assert.equal(State.Health?.Status, "healthy", `${role} is ${State.Status}`);
    }
    await deployment.up(["--expect-no-changes"]);
    assert.equal(await deployment.containerId("user-alice"), server, "alice's server was stopped");
    assert.equal(await kernel?.run("print(counter)"), "41\n");
  }

  it("says nothing where nothing was changed", async () => {
    const { output } = await deployment.up(["--preview", "--expect-no-changes"]);
    assert.doesNotMatch(output, /warning/);
  });

  it("is shown at preview, object by object and field by field, and corrected by ./up", async () => {
    await docker("rm", "-f", named("hub"));
    await docker("stop", "-t", "1", named("proxy"));
    await docker("network", "disconnect", named("control"), named("routes"));
    await docker("update", "--memory", "100m", "--memory-swap", "100m", named("docker-filter"));
    await docker("pause", named("firewall"));
    await docker("rmi", "-f", `${named("notebook")}:source`, `${named("notebook")}:current`);
    const edit = [
      "run",
      "--rm",
      "--user=0",
      "--entrypoint=sh",
      "--volume",
      `${named("proxy-settings")}:/files`,
    ];
    await docker(
      ...edit,
      `${named("hub")}:current`,
      "-c",
      "echo '# by hand' >> /files/edge.yml && rm /files/tls.yml",
    );

    const preview = await deployment.up(["--preview"]);
    assertTold(preview, [
      `container ${named("hub")}: it is gone. It will be recreated.`,
      `container ${named("proxy")}: it is stopped (exit code `,
      `container ${named("routes")}: networks: expected ${named("control")}, got none. It will be recreated.`,
      `container ${named("docker-filter")}: memory: expected 256 MiB, got 100 MiB; memory and swap: expected 256 MiB, got 100 MiB.`,
      `container ${named("firewall")}: it is paused.`,
      `container ${named("proxy-settings")}: file /srv/proxy/edge.yml: its content was changed; file /srv/proxy/tls.yml: it is gone.`,
      `image ${named("notebook")}:source: it is gone. It will be rebuilt.`,
      `image ${named("notebook")}:current: it is gone. It will be rebuilt.`,
    ]);

    await deployment.up();
    await assertCorrected(["hub", "proxy", "routes", "docker-filter", "firewall"]);
  });

  it("is corrected by plain pulumi too: networks and volumes that are gone, and a container in the way", async () => {
    await docker("rm", "-f", named("proxy"), named("proxy-settings"));
    await docker("network", "rm", named("public"));
    await docker("volume", "rm", named("proxy-settings"));
    const label = `org.jupyterhub.stack=${deployment.name}`;
    await docker(
      "run",
      "-d",
      "--name",
      named("proxy"),
      "--label",
      label,
      `${named("hub")}:current`,
      "sleep",
      "600",
    );

    assertTold(await deployment.pulumi(["preview"]), [
      `container ${named("proxy")}: another container has its name (`,
      `container ${named("proxy-settings")}: it is gone.`,
      `network ${named("public")}: it is gone.`,
      `volume ${named("proxy-settings")}: it is gone, with all that was in it.`,
    ]);

    await deployment.pulumi(["up", "--yes"]);
    await assertCorrected(["proxy"]);
  });

  it("is told of people's servers, routes and firewall rules, and corrected while the server runs", async () => {
    const container = deployment.docker.getContainer(named("user-alice"));
    const { NetworkSettings } = await container.inspect();
    const address = NetworkSettings.Networks[named("notebooks")]?.IPAddress;
    await docker("network", "connect", named("public"), named("user-alice"));
    await docker("network", "disconnect", named("notebooks"), named("user-alice"));
    await docker("update", "--memory", "400m", "--memory-swap", "400m", named("user-alice"));
    await docker("pause", named("user-alice"));
    const stray =
      'd["routes"]["router__2Fuser_2Feve_2F"]={"routespec":"/user/eve/","target":"http://192.0.2.1:8888","data":{}}';
    const write = `import json; p="/srv/proxy/routes.json"; d=json.load(open(p)); ${stray}; json.dump(d,open(p,"w"))`;
    await docker("exec", named("hub"), "python3", "-c", write);
    const { Config } = await deployment.docker.getContainer(named("firewall")).inspect();
    const [table = ""] = /jupyterhub_[0-9a-f]{8}/.exec(Config.Env.join("\n")) ?? [];
    await docker("exec", named("firewall"), "nft", "delete", "table", "inet", table);
    const restored = () =>
      docker("exec", named("firewall"), "nft", "list", "table", "inet", table).then(
        () => true,
        () => false,
      );
    await until("the firewall restores its rules", restored, 10_000);

    assertTold(await deployment.up(["--preview"]), [
      `server of alice (container ${named("user-alice")}): it is paused; ` +
        `networks: expected ${named("notebooks")}, got ${named("public")}; memory: expected 512 MiB, got 400 MiB. ` +
        "It will be corrected while it runs.",
      "route /user/eve/: no server runs at http://192.0.2.1:8888, where it leads.",
      `firewall ${named("firewall")}: table inet ${table} was changed or removed once in the last day`,
    ]);
    await deployment.up();
    const now = await container.inspect();
    assert.deepEqual(
      Object.entries(now.NetworkSettings.Networks).map(([name, { IPAddress }]) => [name, IPAddress]),
      [[named("notebooks"), address]],
    );
    assert.equal(now.HostConfig.Memory, 512 * 1024 * 1024);
    await assertCorrected(["hub", "proxy"]);
  });

  it("is told of a container's place in a network, its name, limits and files, and of another network of a name", async () => {
    await docker("network", "disconnect", named("notebooks"), named("hub"));
    await docker("network", "connect", named("notebooks"), named("hub"));
    const edit = "cd /etc/jupyterhub && { cat config.json; echo; } > new && mv new config.json";
    await docker("exec", "--user=0", named("hub"), "sh", "-c", edit);
    await docker("rename", named("routes"), named("routes-old"));
    await docker("update", "--cpus", "0.5", named("docker-filter"));
    await docker("network", "disconnect", named("public"), named("proxy"));
    await docker("network", "rm", named("public"));
    await docker("network", "create", "--internal", named("public"));
    await docker("network", "connect", named("public"), named("proxy"));
    await docker("tag", `${named("notebook")}:source`, `${named("hub")}:current`);

    assertTold(await deployment.up(["--preview"]), [
      `container ${named("hub")}: address on ${named("notebooks")}: expected `,
      `container ${named("routes")}: name: expected ${named("routes")}, got ${named("routes-old")}.`,
      `container ${named("docker-filter")}: processors: expected no limit, got 0.5.`,
      `container ${named("proxy")}: network ${named("public")}: it is on another network of that name.`,
      `network ${named("public")}: another network has its name (`,
      `image ${named("hub")}:current: another image has its name (`,
    ]);
    const { output } = await deployment.up(["--preview"]);
    for (const field of [
      `aliases on ${named("notebooks")}: expected hub, got none`,
      "file /etc/jupyterhub/config.json: its content was changed",
      "internal: expected false, got true",
    ]) {
      assert.ok(output.includes(field), `${field}\n${output}`);
    }
    await deployment.up();
    await assertCorrected(["hub", "proxy", "routes", "docker-filter"]);
  });

  it("is the servers' network: it is created again, and the servers are connected to it while they run", async () => {
    const network = named("notebooks");
    const { Containers } = (await deployment.docker.getNetwork(network).inspect()) as {
      Containers: Record<string, { Name: string }>;
    };
    for (const { Name } of Object.values(Containers)) {
      await docker("network", "disconnect", "--force", network, Name);
    }
    await docker("network", "rm", network);

    assertTold(await deployment.up(["--preview"]), [
      `network ${network}: it is gone. It will be recreated.`,
      `server of alice (container ${named("user-alice")}): networks: expected ${network}, got none.`,
    ]);
    await deployment.up();
    await assertCorrected(["hub", "proxy"]);
  });

  for (const [what, role, config] of [
    ["hub", "hub", { hub: { logLevel: "DEBUG" } }],
    ["proxy", "proxy", { hub: { logLevel: "DEBUG" }, proxy: { accessLog: true } }],
  ] as const) {
    it(`is what a run left that was killed while it replaced the ${what}: the next ./up goes on from there`, async () => {
      const before = await deployment.containerId(role);
      await deployment.configure(config);
      const run = spawn("./up", [deployment.stack], {
        cwd: deployment.folder,
        stdio: "ignore",
        env: { ...process.env, NO_COLOR: "1" },
      });
      const ended = once(run, "exit");
      const replaced = async () => {
        const found = await deployment.docker
          .getContainer(named(role))
          .inspect()
          .catch(() => undefined);
        return found !== undefined && found.Id !== before;
      };
      try {
        await until(`the new ${what} is there`, replaced, 180_000);
      } finally {
        killAll(run.pid ?? 0);
        await ended;
      }

      await deployment.up();
      await assertCorrected(["hub", "proxy", "routes", "docker-filter", "firewall"]);
      const { containers, networks } = await deployment.objects();
      assert.equal(new Set(containers).size, containers.length);
      assert.equal(new Set(networks).size, networks.length, networks.join(", "));
    });
  }

  it("is what Ctrl-C left while the hub was replaced: people have a hub, it is said what to do, and the next ./up goes on", async () => {
    const before = await deployment.containerId("hub");
    // The proxy stays as the step before has left it: of two that are replaced, Ctrl-C leaves neither.
    await deployment.configure({
      hub: { logLevel: "WARNING" },
      proxy: { accessLog: true },
    });
    const run = spawn("./up", [deployment.stack], {
      cwd: deployment.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    for (const stream of [run.stdout, run.stderr]) {
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    }
    const ended = once(run, "close") as Promise<[number | null]>;
    const gone = async () =>
      (await deployment.docker
        .getContainer(before)
        .inspect()
        .catch(() => undefined)) === undefined;
    await until("the old hub is gone", gone, 180_000, 10);
    run.kill("SIGINT");
    const [code] = await ended;
    assert.ok(code !== 0 && code !== null, `${code}\n${output}`);
    assert.match(output, new RegExp(`Interrupted\\. To continue from here: \\./up ${deployment.stack}\n`));
    const answers = async () => (await alice.visit("hub/home").catch(() => undefined))?.status === 200;
    await until("a hub answers", answers, 60_000);

    await deployment.up();
    await assertCorrected(["hub", "proxy"]);
    assert.deepEqual(await deployment.hubContainers(), [named("hub")], output);
  });

  /** What the hub answered to alice, asked ten times a second while something is done. */
  async function answersDuring(done: () => Promise<unknown>): Promise<number[]> {
    const answers: number[] = [];
    const over = new AbortController();
    const asked = (async () => {
      while (!over.signal.aborted) {
        answers.push((await alice.visit("hub/home").catch(() => undefined))?.status ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    await done().finally(() => {
      over.abort();
    });
    await asked;
    return answers;
  }

  const withCode = (text: string) =>
    deployment.configure({ hub: { extraConfig: { kind: "text", text }, startTimeout: "4m" } });

  it("is a new hub that would not start: the update ends with the reason, and the running one is not touched", async () => {
    const hub = await deployment.containerId("hub");
    await withCode('x = 1\nraise RuntimeError("bad day")\n');
    await deployment.up(["--preview"]);
    let answer: Answer | undefined;
    const answers = await answersDuring(async () => (answer = await deployment.up([], { ok: false })));
    assert.equal(answer?.code, 1, answer?.output);
    const [, told = ""] = answer.output.split("The update failed:\n");
    assert.match(told, /^ {2}hub-trial-run: hub\.extraConfig: \S+: line 2: RuntimeError: bad day\n/);
    assert.ok(answers.length > 5, `${answers.length} visits`);
    assert.deepEqual([...new Set(answers)], [200]);
    assert.equal(await deployment.containerId("hub"), hub);
    assert.ok(!(await deployment.objects()).containers.includes(named("hub-trial")));
  });

  it("is a new hub that fails only when it serves: the last good one is put back, and the next ./up replaces it", async () => {
    const hub = await deployment.containerId("hub");
    await withCode(
      'import os\nif "JUPYTERHUB_TRIAL" not in os.environ:\n    raise RuntimeError("for real")\n',
    );
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(
      output,
      /The new hub ends again and again \(exit code 1\): .*line 3: RuntimeError: for real\n/,
    );
    assert.match(output, /The last good hub runs again: image, settings and secrets are as before/);
    assert.notEqual(await deployment.containerId("hub"), hub);
    assert.equal((await alice.visit("hub/home")).status, 200, "alice is logged out");
    assert.equal(await deployment.containerId("user-alice"), server);
    assert.equal(await kernel?.run("print(counter)"), "41\n");

    await deployment.configure({});
    const preview = await deployment.up(["--preview"]);
    assertTold(preview, [`container ${named("hub")}: the last good hub was put back in its place`]);
    await deployment.up();
    assert.deepEqual(await deployment.hubContainers(), [named("hub")]);
    await deployment.up(["--expect-no-changes"]);
    assert.equal(await deployment.containerId("user-alice"), server);
    assert.equal(await kernel?.run("print(counter)"), "41\n");
  });

  it("is a change with which no server starts: the update ends with the reason, and the next one tries again", async () => {
    const tried = async () =>
      (await deployment.objects()).containers.filter((name) => name.startsWith(named("user-trial")));
    const command = ["sh", "-c", "echo no lab here; exit 3"];
    await deployment.configure({ notebook: { limits: { memory: "512m" }, command } });
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(
      output,
      /People's servers do not start: ended before it answered: .*\(exit code 3\)\n *Its last lines:\n *no lab here\n/,
    );
    assert.doesNotMatch(output, /JupyterHub is up/);
    assert.deepEqual(await tried(), []);
    assert.equal((await alice.visit("hub/home")).status, 200);

    await deployment.configure({});
    await deployment.up();
    assert.deepEqual(await tried(), []);
    await assertCorrected(["hub", "proxy"]);
  });

  it("is not a name: another one than the deployment's is refused at preview, with what it means and each way out", async () => {
    const name = `${deployment.name}x`;
    await deployment.configure({ name });
    const { output, code } = await deployment.up(["--preview"], { ok: false });
    assert.notEqual(code, 0, output);
    assert.match(output, new RegExp(`jupyterhub:name: expected "${deployment.name}", .*, got "${name}"`));
    assert.doesNotMatch(output, /expected a free port/);
    const keep = `./hub pulumi config set --stack ${deployment.stack} jupyterhub:name ${deployment.name}`;
    assert.ok(output.includes(`\n      ${keep}\n`), output);
    assert.notEqual((await deployment.up([], { ok: false })).code, 0);
    await execa("sh", ["-c", keep], { cwd: deployment.folder });
    await deployment.up(["--expect-no-changes"]);
    assert.equal(await kernel?.run("print(counter)"), "41\n");
  });

  it("is told when the state is lost, and the stack is taken over: same passwords, servers and kernels", async () => {
    const password = await deployment.output("userPassword");
    const network = await deployment.docker.getNetwork(named("notebooks")).inspect();
    await rm(join(deployment.folder, ".state"), { recursive: true });

    const { output, code } = await deployment.up(["--preview"], { ok: false });
    assert.notEqual(code, 0, output);
    assert.match(output, /\(\d+ containers, 3 networks, 1 running notebook server\)/);
    for (const way of [
      `./up ${deployment.stack} --take-over`,
      `./hub objects remove --stack ${deployment.stack}`,
      `./hub pulumi config set --stack ${deployment.stack} jupyterhub:name ${deployment.name}-2`,
    ]) {
      assert.ok(output.includes(way), `${way}\n${output}`);
    }
    assert.equal((await deployment.up([], { ok: false })).code !== 0, true);
    assert.equal(await kernel?.run("print(counter)"), "41\n");

    await deployment.up(["--preview", "--take-over"]);
    await deployment.up(["--take-over"]);
    // The authority's key was in the state alone.
    await alice.trust(await deployment.caCertificate());
    kernel = await kernel?.again(alice.serverSettings());
    assert.equal(await deployment.output("userPassword"), password);
    assert.equal((await deployment.docker.getNetwork(named("notebooks")).inspect()).Id, network.Id);
    await assertCorrected(["hub", "proxy", "routes", "docker-filter", "firewall"]);
    assert.equal((await alice.visit("hub/home")).status, 200, "alice is logged out");
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    const state = await deployment.pulumi(["stack", "export"]);
    assert.ok(!state.output.includes(password), "a password is in the state in the clear");
  });
});
