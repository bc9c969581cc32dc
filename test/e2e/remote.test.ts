import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, rename } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer, type Server, type TLSSocket } from "node:tls";

import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";

const socket = (process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace("unix://", "");
/** No other way to an engine than the configured one. */
const environment = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

/** The engine of this machine behind TLS, as `dockerd --tlsverify` is: whoever has no certificate stays outside. */
class TlsEngine {
  readonly refused: string[] = [];
  connections = 0;

  private constructor(
    private readonly server: Server,
    readonly host: string,
  ) {}

  static async start(folder: string): Promise<TlsEngine> {
    const read = (name: string) => readFile(join(folder, name));
    const options = {
      ca: await read("ca.pem"),
      cert: await read("engine.pem"),
      key: await read("engine-key.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    };
    // Half-open connections are the protocol's: the engine goes on when the client has said all.
    const server = createServer({ ...options, allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const engine = new TlsEngine(server, `tcp://localhost:${(server.address() as AddressInfo).port}`);
    server.on("secureConnection", (client: TLSSocket) => {
      engine.connections += 1;
      const inner = connect({ path: socket, allowHalfOpen: true });
      client.pipe(inner).pipe(client);
      client.on("error", () => inner.destroy());
      inner.on("error", () => client.destroy());
      client.on("close", () => inner.destroy());
    });
    server.on("tlsClientError", (error) => engine.refused.push(error.message));
    return engine;
  }

  stop(): void {
    this.server.close();
  }
}

describe("a Docker host at tcp:// with TLS", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let engine: TlsEngine;
  let alice: HubClient;

  const tls = { ca: "docker/ca.pem", certificate: "docker/cert.pem", key: "docker/key.pem" };
  const docker = (over: Partial<typeof tls> = {}) => ({
    docker: { host: engine.host, tls: { ...tls, ...over } },
  });

  before(async function () {
    this.timeout(900_000);
    deployment = await Deployment.create({}, { installed: true });
    // Refusals come before ./up would build them.
    await deployment.run("./up", ["--only", "cli,plugins"]);
    const folder = join(deployment.folder, "docker");
    await mkdir(folder);
    const openssl = (...args: string[]) => deployment.run("openssl", args);
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    for (const authority of ["ca", "other-ca"]) {
      await openssl(
        ...["req", "-x509", ...curve, "-subj", `/CN=${authority}`, "-days", "2"],
        ...["-keyout", `docker/${authority}-key.pem`, "-out", `docker/${authority}.pem`],
      );
    }
    const sign = async (name: string, authority: string) => {
      const request = `docker/${name}.csr`;
      const made = ["-keyout", `docker/${name}-key.pem`, "-out", request];
      await openssl(
        "req",
        ...curve,
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        ...made,
      );
      await openssl(
        ...[
          "x509",
          "-req",
          "-in",
          request,
          "-CA",
          `docker/${authority}.pem`,
          "-CAkey",
          `docker/${authority}-key.pem`,
        ],
        ...["-CAcreateserial", "-days", "1", "-copy_extensions", "copy", "-out", `docker/${name}.pem`],
      );
    };
    await sign("engine", "ca");
    await sign("client", "ca");
    await sign("stranger", "other-ca");
    await rename(join(folder, "client.pem"), join(folder, "cert.pem"));
    await copyFile(join(folder, "client-key.pem"), join(folder, "key.pem"));
    engine = await TlsEngine.start(folder);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(join(__dirname, "artifacts"));
    }
  });
  after(async () => {
    if (alice as HubClient | undefined) {
      await alice.close();
    }
    (engine as TlsEngine | undefined)?.stop();
    await deployment.remove();
  });

  /** What both ways to a preview say; each has to refuse. */
  async function refusals(config: Record<string, unknown>): Promise<string[]> {
    await deployment.configure(config);
    const answers = [
      await deployment.up(["--preview"], { ok: false, environment }),
      await deployment.pulumi(["preview"], { ok: false, environment }),
    ];
    for (const { output, code } of answers) {
      assert.notEqual(code, 0, output);
      assert.doesNotMatch(output, /^\s+at .*\(.*:\d+:\d+\)/m, "a stack trace is no message");
      assert.doesNotMatch(output, /PRIVATE KEY/);
    }
    return answers.map(({ output }) => output);
  }

  /** Pulumi tells an error twice, with its progress and at its end: each line that names the section, once. */
  const told = (output: string) => new Set(output.match(/jupyterhub:docker\.[\w.]+: expected .*$/gm));

  it("a missing key: one message, with the file", async () => {
    for (const output of await refusals(docker({ key: "docker/none.pem" }))) {
      assert.match(
        [...told(output)].join(),
        /^jupyterhub:docker\.tls\.key: expected a file that can be read/,
      );
      assert.equal(told(output).size, 1, output);
      assert.match(output, /docker\/none\.pem.*which does not exist/);
    }
  });

  it("another authority: one message, with the key that is wrong", async () => {
    for (const output of await refusals(docker({ ca: "docker/other-ca.pem" }))) {
      assert.match(
        [...told(output)].join(),
        /^jupyterhub:docker\.tls\.ca: expected the authority that signed the certificate of tcp:/,
      );
      assert.equal(told(output).size, 1, output);
    }
  });

  it("a certificate that the engine refuses: one message, with the key that is wrong", async () => {
    const stranger = { certificate: "docker/stranger.pem", key: "docker/stranger-key.pem" };
    for (const output of await refusals(docker(stranger))) {
      assert.match(
        [...told(output)].join(),
        /^jupyterhub:docker\.tls\.certificate: expected a certificate that the engine at tcp:/,
        output,
      );
      assert.equal(told(output).size, 1, output);
    }
    assert.ok(engine.refused.length > 0);
  });

  it("./up brings the whole stack up there, and alice works on it", async function () {
    this.timeout(900_000);
    await deployment.configure(docker());
    const before = engine.connections;
    const { output } = await deployment.up([], { environment });
    assert.match(output, /JupyterHub is up/);
    assert.ok(engine.connections > before + 10, "the engine was reached in another way");
    alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
    assert.equal(await alice.login(await deployment.output("userPassword")), true);
    await alice.startServer();
    const kernel = await RunningKernel.start(alice.serverSettings());
    assert.equal(await kernel.run("print(6 * 7)"), "42\n");
    kernel.leave();
  });

  it("the filter has the socket of the host that it runs on", async () => {
    const { Mounts } = await deployment.docker.getContainer(`${deployment.name}-docker-filter`).inspect();
    assert.deepEqual(
      Mounts.map(({ Source }) => Source),
      ["/var/run/docker.sock"],
    );
  });

  it("has nothing to do on a second up, nor after a refresh, and keeps the key out of sight", async () => {
    const { output } = await deployment.up(["--expect-no-changes", "--diff"], { environment });
    assert.doesNotMatch(output, /PRIVATE KEY/);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"], { environment });
    await deployment.pulumi(["preview", "--expect-no-changes"], { environment });
    const key = (await deployment.read("docker/key.pem")).split("\n")[1] ?? "";
    assert.ok(key.length > 40);
    const found = await deployment.run("grep", ["-rlF", "--exclude-dir=node_modules", key, "."], {
      ok: false,
    });
    assert.deepEqual(found.stdout.split("\n").sort(), ["./docker/client-key.pem", "./docker/key.pem"]);
  });

  it("destroy removes alice's server there, and all the rest", async () => {
    const before = engine.connections;
    await deployment.up(["--destroy"], { environment });
    const { containers, networks } = await deployment.objects();
    assert.deepEqual([containers, networks], [[], []]);
    assert.ok(engine.connections > before);
  });
});
