/** A stack with people at work on it, while something happens to it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type Docker from "dockerode";

import { demultiplex } from "../../docker-api/logs";
import { type Answer, Deployment, type OtherEngine } from "../e2e/deployment";
import { HubClient } from "../e2e/hub-client";
import { inside } from "../e2e/inside";
import { RunningKernel } from "../e2e/kernel";
import { until } from "../e2e/until";
import { Counter } from "./counter";
import { kill, pidsOf } from "./processes";
import { Visits } from "./visits";

const artifacts = join(__dirname, "..", "e2e", "artifacts");

/** A person waits no longer for a page than this, in milliseconds. */
const PATIENCE = 5000;

/** How long anything may take that a fault has to come to an end by itself. */
const RECOVERY = 180_000;

/** A file of alice's, and what is in it. */
const FILE = { name: "kept.txt", text: "kept" };

export type Keys = Record<string, unknown>;

/** What a busy machine makes of a start is not what is tested. */
const COMMON: Keys = { servers: { startTimeout: "4m", httpTimeout: "4m" } };

interface Options {
  /** What comes before the first `./up`. */
  readonly prepare?: (deployment: Deployment) => Promise<void>;
  /** Another engine than this machine's. */
  readonly engine?: OtherEngine;
}

/** Alice works with a kernel that counts. Requests to her server and to the login page are made all the while. */
export class World {
  /** The keys of the last `configure()`. */
  keys: Keys;
  #server = "";
  #reconnects: () => number;
  #reconnectsBefore = 0;

  private constructor(
    readonly deployment: Deployment,
    private readonly basic: Keys,
    public alice: HubClient,
    private kernel: RunningKernel,
    readonly counter: Counter,
    readonly toServer: Visits,
    readonly toLogin: Visits,
  ) {
    this.keys = basic;
    this.#reconnects = kernel.watchReconnects();
  }

  /** Brings a stack up, with alice at work. What fails is taken down again. */
  static async create(keys: Keys = {}, { prepare, engine }: Options = {}): Promise<World> {
    const basic = { ...COMMON, ...keys };
    const deployment = await Deployment.create(basic, { installed: true, engine });
    try {
      await prepare?.(deployment);
      await deployment.up();
      const alice = await logIn(deployment, "alice");
      await alice.startServer(240_000);
      const kernel = await RunningKernel.start(alice.serverSettings());
      const counter = await Counter.start(kernel);
      const made: { world?: World } = {};
      const current = () => made.world?.alice ?? alice;
      const toServer = new Visits(() => isGood(current().api("user/alice/api/status", patience())));
      const toLogin = new Visits(() => isGood(current().api("hub/login", patience())));
      made.world = new World(deployment, basic, alice, kernel, counter, toServer, toLogin);
      await made.world.saveFile();
      made.world.#server = await deployment.containerId("user-alice");
      return made.world;
    } catch (error) {
      await deployment.keepLogs(artifacts).catch(() => undefined);
      await deployment.remove();
      throw error;
    }
  }

  get docker(): Docker {
    return this.deployment.docker;
  }

  named(role: string): string {
    return `${this.deployment.name}-${role}`;
  }

  container(role: string): Docker.Container {
    return this.docker.getContainer(this.named(role));
  }

  /** Begins to judge: what came before belongs to no fault. */
  async mark(): Promise<void> {
    this.#server = await this.deployment.containerId("user-alice");
    this.#reconnectsBefore = this.#reconnects();
    this.counter.mark();
    this.toServer.mark();
    this.toLogin.mark();
  }

  /** How often alice's WebSocket was lost and opened anew. */
  get reconnects(): number {
    return this.#reconnects() - this.#reconnectsBefore;
  }

  /** SIGKILL for all processes of a container of the stack, as when the kernel ends them: its engine starts it again. */
  async killProcesses(role: string): Promise<void> {
    kill(await pidsOf(this.container(role)));
  }

  /** Seconds until a condition holds; an error while asking is "not yet". */
  async seconds(what: string, condition: () => Promise<boolean>, timeoutMs = RECOVERY): Promise<number> {
    const start = Date.now();
    await until(what, () => condition().catch(() => false), timeoutMs, 100);
    return (Date.now() - start) / 1000;
  }

  /** The login page is there. */
  loginIsThere = (): Promise<boolean> => isGood(this.alice.api("hub/login", patience()));

  /** Alice's server answers. */
  serverIsThere = (): Promise<boolean> => isGood(this.alice.api("user/alice/api/status", patience()));

  isHealthy = async (role: string): Promise<boolean> => {
    const { State } = await this.container(role).inspect();
    return State.Running && State.Health?.Status === "healthy";
  };

  /** Somebody logs in, starts a server, uses it and stops it: the whole way. */
  async somebodyWorks(user = "bob"): Promise<void> {
    const client = await logIn(this.deployment, user);
    try {
      await client.startServer(240_000);
      assert.equal((await client.api(`user/${user}/api/kernels`)).status, 200);
      await client.stopServer();
    } finally {
      await client.close();
    }
  }

  /** Whether somebody who has no session yet gets one. */
  async canLogIn(user = "bob"): Promise<boolean> {
    const client = await logIn(this.deployment, user);
    await client.close();
    return true;
  }

  /** Alice logs in anew, and goes on with the kernel that she has. */
  async aliceLogsInAgain(): Promise<void> {
    const before = this.alice;
    this.alice = await logIn(this.deployment, "alice");
    await before.close();
    this.#goesOnWith(await this.kernel.again(this.alice.serverSettings()));
  }

  /** Alice imports the authority that the stack has now, and goes on with the kernel that she has. */
  async aliceTrustsNewAuthority(): Promise<void> {
    await this.alice.trust(await this.deployment.caCertificate());
    this.#goesOnWith(await this.kernel.again(this.alice.serverSettings()));
  }

  #goesOnWith(kernel: RunningKernel): void {
    this.kernel = kernel;
    this.#reconnects = kernel.watchReconnects();
    this.#reconnectsBefore = 0;
    this.counter.moved(kernel);
  }

  /** Alice does not wait until JupyterLab opens a WebSocket that was cut by itself: half a minute, when it failed some times. */
  reconnect(): Promise<void> {
    return this.kernel.reconnect();
  }

  /** Alice's container is the one that it was, her kernel counts on and her file is there. */
  async assertAliceWorksOn(loses = false): Promise<void> {
    assert.equal(
      await this.deployment.containerId("user-alice"),
      this.#server,
      "alice's server was replaced",
    );
    const { number } = this.counter;
    await until("alice's kernel counts on", () => this.counter.number > number + 2, 60_000);
    const { missing } = this.counter.since();
    // What is on its way when a connection is cut is lost with it: a second's numbers at most.
    const mayBeLost = 5 * this.reconnects;
    assert.ok(loses || missing <= mayBeLost, `${missing} numbers of alice's kernel were lost`);
    const answer = await this.alice.api(`user/alice/api/contents/${FILE.name}`);
    assert.equal(((await answer.json()) as { content: string }).content, FILE.text);
  }

  /** Alice starts a server anew and finds her file. Her kernel is gone with the old one. */
  async aliceStartsAgain(): Promise<void> {
    this.alice = await logIn(this.deployment, "alice");
    await this.alice.startServer(240_000);
    const answer = await this.alice.api(`user/alice/api/contents/${FILE.name}`);
    assert.equal(((await answer.json()) as { content: string }).content, FILE.text);
  }

  /** Runs Python in alice's kernel, beside its counting. */
  python(code: string): Promise<string> {
    return this.kernel.run(code);
  }

  private async saveFile(): Promise<void> {
    const saved = await this.alice.api(`user/alice/api/contents/${FILE.name}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "file", format: "text", content: FILE.text }),
    });
    assert.ok([200, 201].includes(saved.status), await saved.text());
  }

  async log(role: string, tail = 500): Promise<string> {
    return demultiplex(await this.container(role).logs({ stdout: true, stderr: true, follow: false, tail }));
  }

  /** Runs a command in a container and returns what it printed. */
  inside(role: string, ...command: string[]): Promise<string> {
    return inside(this.container(role), ...command);
  }

  /** Sets keys on top of those that the stack began with. */
  async configure(keys: Keys): Promise<void> {
    this.keys = { ...this.basic, ...keys };
    await this.deployment.configure(this.keys);
  }

  /** `./up` with these keys on top of those that the stack began with. */
  async up(keys?: Keys, ok = true): Promise<Answer> {
    if (keys !== undefined) {
      await this.configure(keys);
    }
    return this.deployment.up([], { ok });
  }

  /** As it was before a fault that failed its test; the next one is not to suffer for it. */
  async heal(): Promise<void> {
    await this.deployment.keepLogs(artifacts).catch(() => undefined);
    await this.up({});
    await this.seconds("the login page is back", this.loginIsThere);
    const runs = await this.serverIsThere().catch(() => false);
    if (!runs) {
      this.alice = await logIn(this.deployment, "alice");
      await this.alice.stopServer().catch(() => undefined);
      await this.alice.startServer(240_000);
      this.kernel = await RunningKernel.start(this.alice.serverSettings());
      this.#reconnects = this.kernel.watchReconnects();
    }
  }

  async remove(): Promise<void> {
    await Promise.all([this.toServer.stop(), this.toLogin.stop()]);
    this.kernel.leave();
    await this.alice.close();
    await this.deployment.remove();
  }
}

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE) });

async function isGood(asked: Promise<{ status: number; text(): Promise<string> }>): Promise<boolean> {
  const answer = await asked;
  await answer.text();
  return answer.status === 200;
}

/** A person with a new session. */
export async function logIn(deployment: Deployment, user: string): Promise<HubClient> {
  const client = new HubClient(deployment.url, await deployment.caCertificate(), user);
  assert.equal(await client.login(await deployment.output("userPassword")), true, `${user} is not let in`);
  return client;
}
