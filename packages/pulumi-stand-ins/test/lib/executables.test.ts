/** The stand-ins as the engine meets them: built, started, asked over gRPC, ended. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { build, BUILD_VARIABLE, VERSIONS } from "../../build";

const PACKAGES = join(__dirname, "..", "..", "..", "..", "node_modules", "@pulumi");

describe("executables of the stand-in plugins", function () {
  this.timeout(60_000);
  const cache = mkdtempSync(join(tmpdir(), "plugins-"));
  const started = new Set<ChildProcess>();
  const resource = (name: string): string =>
    join(cache, "pulumi-home", "plugins", `resource-${name}-v${VERSIONS[name]}`, `pulumi-resource-${name}`);
  const language = join(cache, "bin", "pulumi-language-nodejs");

  async function start(file: string, args: string[] = []): Promise<{ child: ChildProcess; address: string }> {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    started.add(child);
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    assert.match(port.toString(), /^\d+\n$/);
    return { child, address: `127.0.0.1:${port.toString().trim()}` };
  }
  const provider = (address: string): ResourceProviderClient =>
    new ResourceProviderClient(address, grpc.credentials.createInsecure());

  function call<A>(
    send: (callback: (error: grpc.ServiceError | null, answer: A) => void) => void,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      send((error, answer) => {
        if (error) {
          reject(error);
        } else {
          resolve(answer);
        }
      });
    });
  }

  before(() => build(cache));
  afterEach(() => {
    for (const child of started) {
      child.kill("SIGKILL");
    }
    started.clear();
  });
  after(() => {
    rmSync(cache, { recursive: true });
  });

  it("are not built again while their sources are the same", async () => {
    const times = (): number[] =>
      [language, ...Object.keys(VERSIONS).map(resource)].map((file) => statSync(file).mtimeMs);
    const before = times();
    const begin = performance.now();
    await build(cache);
    assert.ok(performance.now() - begin < 500);
    assert.deepEqual(times(), before);
  });

  it("leave builds that another checkout uses, and take those that nobody has used for a day", async () => {
    const [used, old] = ["used", "old"].map((name) => join(cache, "plugins-build", name)) as [string, string];
    for (const folder of [used, old]) {
      mkdirSync(folder);
    }
    const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
    utimesSync(old, before, before);
    // One launcher is another checkout's: this one has to write its own again.
    writeFileSync(language, "another's");
    await build(cache);
    assert.deepEqual([used, old].map(existsSync), [true, false]);
    assert.match(readFileSync(language, "utf8"), /A stand-in for the official plugin/);
  });

  for (const [name, version] of Object.entries(VERSIONS)) {
    it(`stand in for the plugin that @pulumi/${name} asks for, and say so`, async () => {
      const manifest = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8")) as {
        pulumi: { version: string };
      };
      assert.equal(manifest.pulumi.version, version);
      const { address } = await start(resource(name));
      const info = await call<{ getVersion(): string }>((done) =>
        provider(address).getPluginInfo(new Empty(), done),
      );
      assert.equal(info.getVersion(), version);
      assert.ok(existsSync(join(resource(name), "..", "OFFLINE")));
    });
  }

  it("come from the build that the run names, and without one from the latest", () => {
    const named = mkdtempSync(join(tmpdir(), "named-"));
    writeFileSync(join(named, "random.cjs"), 'console.log("named"); process.exit(0);');
    try {
      const env = { ...process.env, [BUILD_VARIABLE]: named };
      assert.equal(execFileSync(resource("random"), { env, encoding: "utf8" }), "named\n");
    } finally {
      rmSync(named, { recursive: true });
    }
  });

  it("serve the language host", async () => {
    const { address } = await start(language, ["127.0.0.1:1"]);
    const client = new LanguageRuntimeClient(address, grpc.credentials.createInsecure());
    const info = await call<{ getVersion(): string }>((done) => client.getPluginInfo(new Empty(), done));
    assert.equal(info.getVersion(), "");
  });

  it("carry detailed diffs, secrets, errors and messages over gRPC", async () => {
    const messages: string[] = [];
    const engine = new grpc.Server();
    const log: grpc.handleUnaryCall<LogRequest, Empty> = ({ request }, callback) => {
      messages.push(`${request.getMessage()} ${request.getUrn()} ${request.getEphemeral()}`);
      callback(null, new Empty());
    };
    engine.addService(EngineService, {
      log: log as grpc.UntypedHandleCall,
    });
    const port = await promisify(engine.bindAsync.bind(engine))(
      "127.0.0.1:0",
      grpc.ServerCredentials.createInsecure(),
    );
    // The engine puts options of its own before its address.
    const { address } = await start(resource("command"), ["--logtostderr", `127.0.0.1:${port}`]);
    const client = provider(address);
    const urn = "urn:pulumi:dev::project::command:local:Command::cmd";
    const create = (command: string): proto.CreateRequest =>
      new proto.CreateRequest().setUrn(urn).setProperties(Struct.fromJavaScript({ create: command }));

    const made = await call<proto.CreateResponse>((done) => client.create(create("echo hello"), done));
    assert.equal(made.getProperties()?.toJavaScript().stdout, "hello");
    assert.deepEqual(messages, [`hello ${urn} true`]);

    const diffRequest = new proto.DiffRequest()
      .setUrn(urn)
      .setOldInputs(Struct.fromJavaScript({ create: "a" }))
      .setNews(Struct.fromJavaScript({ create: "b" }));
    const diff = await call<proto.DiffResponse>((done) => client.diff(diffRequest, done));
    assert.equal(diff.getChanges(), proto.DiffResponse.DiffChanges.DIFF_SOME);
    assert.ok(diff.getHasdetaileddiff());
    assert.equal(diff.getDetaileddiffMap().get("create")?.getKind(), proto.PropertyDiff.Kind.UPDATE);

    await assert.rejects(
      call((done) => client.create(create("echo bad; exit 2"), done)),
      (error: grpc.ServiceError) =>
        error.code === grpc.status.UNKNOWN &&
        error.details === 'exit status 2: running "echo bad; exit 2":\nbad\n',
    );
    client.close();
    engine.forceShutdown();
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`end at once at ${signal}, even while a client is connected`, async () => {
      const { child, address } = await start(resource("random"));
      const client = provider(address);
      await call((done) => client.getPluginInfo(new Empty(), done));
      const begin = performance.now();
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number];
      assert.equal(code, 0);
      assert.ok(performance.now() - begin < 1000);
      client.close();
    });
  }

  it("end what they run when they are ended", async () => {
    const { child, address } = await start(resource("command"));
    const client = provider(address);
    const request = new proto.CreateRequest()
      .setUrn("urn:pulumi:dev::project::command:local:Command::cmd")
      .setProperties(Struct.fromJavaScript({ create: `echo $$ > ${cache}/pid; exec sleep 300` }));
    const failed = assert.rejects(call((done) => client.create(request, done)));
    while (!existsSync(join(cache, "pid"))) {
      await sleep(20);
    }
    child.kill("SIGINT");
    await once(child, "exit");
    await failed;
    const pid = Number(readFileSync(join(cache, "pid"), "utf8"));
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    client.close();
  });

  it("end when the engine is gone without a word", async () => {
    const script = `"${resource("random")}" & echo $!; wait`;
    const engine = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    engine.stdout.on("data", (text: Buffer) => (said += text.toString()));
    while (!/^\d+\n\d+\n$/.test(said)) {
      await sleep(20);
    }
    const pid = Number(said.split("\n")[0]);
    engine.kill("SIGKILL");
    for (let tries = 0; tries < 60 && isRunning(pid); tries++) {
      await sleep(50);
    }
    assert.ok(!isRunning(pid));
  });
});

/** What has ended may still be waiting for its parent to take notice. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
