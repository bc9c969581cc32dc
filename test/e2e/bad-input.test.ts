import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CALLED_FROM } from "../../config/commands";
import { formatKey, type Path, removeCommand, setCommand } from "../../config/errors";
import { readStackFile } from "../../config/stack-file";
import { type Answer, Deployment, execa } from "./deployment";

const nothing = { containers: [], networks: [], volumes: [] };

/** A listener on a port of this machine that is not in a container. */
function listener(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      resolve(server);
    });
  });
}

describe("bad input gets one clear message and changes nothing", function () {
  this.timeout(120_000);
  let deployment: Deployment;

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
  });
  after(async () => {
    await deployment.remove();
  });

  /** Previews with a configuration that has to be refused. */
  async function refused(config: Record<string, unknown>): Promise<string> {
    await deployment.configure(config);
    const { output, code } = await deployment.up(["--preview"], { ok: false });
    assert.notEqual(code, 0, `it was taken:\n${output}`);
    assert.deepEqual(await deployment.objects(), nothing);
    assert.doesNotMatch(output, /^\s+at .*\(.*:\d+:\d+\)/m, "a stack trace is no message");
    return output;
  }

  it("an unknown key: with the nearest known one", async () => {
    const output = await refused({ domian: "localhost" });
    assert.match(output, /jupyterhub:domian/);
    assert.match(output, /domain/);
    // What is wrong stands last, where it is seen.
    assert.match(output, /\nThe preview failed:\n[^]*jupyterhub:domian: expected .*$/);
  });

  it("an option that is none: with the nearest one, and nothing else", async () => {
    const { output, code } = await deployment.up(["--previw"], { ok: false });
    assert.equal(code, 1);
    assert.match(output, /^--previw: expected --preview .*\n.*--help$/);
  });

  it("values of a wrong type: all at once, with key, expected and given", async () => {
    const output = await refused({
      ports: { https: "https" },
      auth: { kind: "shared-password", users: "alice" },
    });
    assert.match(output, /jupyterhub:ports\.https: expected a port from 1 to 65535.*https/);
    assert.match(output, /jupyterhub:auth\.users: expected a list of user names.*alice/);
    assert.match(output, /pulumi config set/);
  });

  it("no domain: with the command that sets it", async () => {
    const output = await refused({ domain: undefined });
    assert.match(output, /jupyterhub:domain: expected the host name/);
    assert.match(output, /pulumi config set .*jupyterhub:domain/);
  });

  it("keys and values with any signs: the commands that set and remove them do, from wherever they are pasted", async () => {
    const wanted: readonly (readonly [path: Path, value: string | number])[] = [
      [["domain"], "-it's =here"],
      [["users", "a@b.org", "limits", "memory"], "1G"],
      [["users", "o'hara", "limits", "memory"], '$HOME `id` \\ "!!" 100%'],
      [["auth", "users", 0], "=alice"],
      [["auth", "users", 1], "--bob"],
      [["hub", "announcement", "all"], "Today at 5 pm!\nSave your work; #now"],
      [["notebook", "environment", "A.B"], "~/x*[y]{z}"],
    ];
    await deployment.configure({ docker: { host: "nowhere" }, auth: undefined });
    const owner = { project: "jupyterhub", stack: deployment.stack };
    const config = () => readStackFile(deployment.folder, deployment.stack).values;
    const at = (path: Path, values: unknown) =>
      path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], values);
    // Among them the one that a bad address of the engine asks for, which stops every other command.
    const refusal = await deployment.up(["--preview"], { ok: false });
    const [, fix = ""] = /Set it with: (.*)/.exec(refusal.output) ?? [];
    const run = (command: string) => execa("sh", ["-c", command], { cwd: deployment.folder });
    await run(fix);
    assert.match(JSON.stringify(config()["docker"]), /"host":"ssh:/);

    await run(wanted.map(([path, value]) => setCommand(owner, path, value)).join(" && "));
    const set = config();
    for (const [path, value] of wanted) {
      assert.equal(at(path, set), value, formatKey(owner.project, path));
    }
    // A secret is asked for.
    const secret = setCommand(owner, ["auth", "clientSecret"], "example", { secret: true });
    await execa("sh", ["-c", secret], { cwd: deployment.folder, input: "s3cret" });
    const text = await readFile(deployment.stackFile, "utf8");
    assert.match(text, /clientSecret:\s+secure: v1:/);
    assert.doesNotMatch(text, /s3cret/);

    process.env[CALLED_FROM] = tmpdir();
    try {
      const elsewhere = removeCommand(owner, ["users", "o'hara", "limits", "memory"]);
      assert.doesNotMatch(elsewhere, /\.\/hub/);
    } finally {
      Reflect.deleteProperty(process.env, CALLED_FROM);
    }
    await run(
      wanted
        .map(([path]) => removeCommand(owner, path))
        .reverse()
        .join(" && "),
    );
    const removed = config();
    for (const [path] of wanted) {
      assert.equal(at(path, removed), undefined, formatKey(owner.project, path));
    }
  });

  it("a port that a process listens on: with the port's key", async () => {
    const server = await listener();
    const { port } = server.address() as AddressInfo;
    const output = await refused({ ports: { https: port, http: false, address: "127.0.0.1" } });
    server.close();
    assert.match(output, new RegExp(`jupyterhub:ports\\.https: expected a free port, got ${port}`));
  });

  it("a Docker Engine that is not there: with the command that helps", async () => {
    const output = await refused({ docker: { host: "unix:///nowhere/docker.sock" } });
    assert.match(output, /\/nowhere\/docker\.sock/);
    assert.match(output, /systemctl start docker|jupyterhub:docker\.host/);
  });

  it("no right to the engine's socket: with the command that helps", async function () {
    if (process.getuid?.() !== 0) {
      console.log("      skipped: only root can try what another user may do");
      this.skip();
    }
    await chmod(deployment.folder, 0o755);
    const program = 'require("./preflight").preflight({ prefix: "x", address: "127.0.0.1", ports: [] })';
    const { output, code } = await deployment.run(
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "node",
        "--import",
        "tsx",
        "-e",
        `${program}.catch((e) => { console.log(e.message); process.exit(3); })`,
      ],
      { ok: false, environment: { HOME: "/nonexistent", TMPDIR: "/tmp" } },
    );
    assert.equal(code, 3, output);
    assert.match(
      output,
      /No permission to use the Docker Engine at .*docker\.sock.*sudo usermod -aG docker/s,
    );
  });

  it("a full disk: with what is left of it", async function () {
    if (process.getuid?.() !== 0) {
      console.log("      skipped: only root can start another engine");
      this.skip();
    }
    const engine = await smallEngine(join(deployment.folder, "engine"));
    try {
      await deployment.configure({ docker: { host: engine.host } });
      // ./up brings base images to that engine first.
      const first = await deployment.up([], { ok: false });
      assert.notEqual(first.code, 0, first.output);
      assert.match(
        first.output,
        /The Docker host's disk is full: the engine at unix:.* has no room for the image debian/,
      );
      const { output, code } = await deployment.pulumi(["preview"], { ok: false });
      assert.notEqual(code, 0, output);
      assert.match(
        output,
        /The Docker host's disk is full: expected at least 1024 MiB free in .*engine.*got \d+ MiB/,
      );
    } finally {
      await engine.stop();
    }
  });

  describe("a certificate", () => {
    const certificate = (...args: string[]) =>
      deployment.run("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
        ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", ...args],
      ]);
    const tls = { kind: "files", certificate: "tls/a.crt", key: "tls/a.key" };

    before(async () => {
      await mkdir(join(deployment.folder, "tls"), { recursive: true });
      await certificate("-days", "90", "-keyout", "tls/a.key", "-out", "tls/a.crt");
      await certificate("-days", "90", "-keyout", "tls/b.key", "-out", "tls/b.crt");
    });

    it("without its key", async () => {
      assert.match(
        await refused({ tls: { kind: "files", certificate: "tls/a.crt" } }),
        /jupyterhub:tls\.key: expected/,
      );
    });
    it("whose key is another's", async () => {
      const output = await refused({ tls: { ...tls, key: "tls/b.key" } });
      assert.match(output, /jupyterhub:tls\.key: expected the private key of the certificate/);
      assert.ok(
        !output.includes(
          (await readFile(join(deployment.folder, "tls/b.key"), "utf8")).split("\n")[1] ?? "?",
        ),
      );
    });
    it("that has expired", async () => {
      await deployment.run("openssl", [
        ...["x509", "-in", "tls/a.crt", "-signkey", "tls/a.key", "-days", "-1", "-out", "tls/old.crt"],
      ]);
      assert.match(
        await refused({ tls: { ...tls, certificate: "tls/old.crt" } }),
        /jupyterhub:tls\.certificate: .*expired|not yet/,
      );
    });
    it("that cannot be read", async () => {
      const output = await refused({ tls: { ...tls, certificate: "tls/none.crt" } });
      assert.match(output, /jupyterhub:tls\.certificate: expected .*tls\/none\.crt/);
    });
  });

  it("a wrong passphrase: says that it is the passphrase", async () => {
    await deployment.configure({});
    const { output, code } = await deployment.up(["--preview"], {
      ok: false,
      environment: { PULUMI_CONFIG_PASSPHRASE: "not-it" },
    });
    assert.notEqual(code, 0);
    assert.match(output, /passphrase/);
  });
});

describe("an up that fails or is stopped half-way", function () {
  this.timeout(600_000);
  let deployment: Deployment;

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
  });
  after(async () => {
    await deployment.remove();
  });

  it("an image that does not build: with the build's last lines", async () => {
    await mkdir(join(deployment.folder, "broken"), { recursive: true });
    await writeFile(
      join(deployment.folder, "broken/Dockerfile"),
      "FROM debian:trixie-slim\nRUN echo the-package-is-not-there && exit 7\n",
    );
    await deployment.configure({ notebook: { image: { kind: "build", context: "./broken" } } });
    const { output, code } = await deployment.up([], { ok: false, timeoutMs: 600_000 });
    assert.notEqual(code, 0);
    assert.match(output, /notebook-image-build/);
    assert.match(output, /the-package-is-not-there/);
    assert.match(output, /exit code: 7|returned a non-zero code: 7|exit 7/);
    assert.deepEqual(await deployment.objects(), nothing, "something was made without its images");
  });

  it("Ctrl-C half-way: the next ./up converges", async () => {
    await deployment.configure({});
    const first = await interrupted(deployment, /hub-container creat/);
    assert.notEqual(first.code, 0, first.output);
    await deployment.up();
    const { containers } = await deployment.objects();
    assert.deepEqual(
      containers,
      ["docker-filter", "firewall", "hub", "hub-people-file", "proxy", "proxy-settings", "routes"].map(
        (role) => `${deployment.name}-${role}`,
      ),
    );
    await deployment.up(["--expect-no-changes"]);
    await deployment.up(["--destroy"]);
  });
});

/** A Docker Engine of its own on a disk of 64 MiB, in a network namespace of its own so that it touches no other's. */
async function smallEngine(folder: string): Promise<{ host: string; stop: () => Promise<void> }> {
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  await execa("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", data]);
  const host = `unix://${join(folder, "docker.sock")}`;
  const child = spawn(
    "unshare",
    [
      ...["--net", "dockerd", "--data-root", data, "--exec-root", join(folder, "exec"), "--host", host],
      ...["--pidfile", join(folder, "pid"), "--iptables=false", "--storage-driver", "vfs"],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) =>
    child.on("exit", () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await execa("umount", [data]);
  };
  const end = Date.now() + 30_000;
  while (!existsSync(join(folder, "docker.sock")) || !log.includes("API listen on")) {
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error(`the small engine did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { host, stop };
}

/** Runs `./up` as in a terminal and presses Ctrl-C when its output says a thing. */
function interrupted(deployment: Deployment, when: RegExp): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn("./up", [deployment.stack], {
      cwd: deployment.folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: a terminal sends the signal to the whole foreground group.
      detached: true,
    });
    let output = "";
    let sent = false;
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!sent && when.test(output) && child.pid !== undefined) {
        sent = true;
        process.kill(-child.pid, "SIGINT");
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("close", (code) => {
      if (sent) {
        resolve({ output, stdout: output, code: code ?? -1 });
      } else {
        reject(new Error(`ended with ${code ?? -1} before it could be interrupted:\n${output}`));
      }
    });
  });
}
