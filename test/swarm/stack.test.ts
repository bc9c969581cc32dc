import assert from "node:assert/strict";
import { appendFile, chown, mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parse } from "yaml";

import { updateNode } from "../../cli/node/cluster";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { nodesOf } from "../../docker-api/swarm";
import { Deployment } from "../e2e/deployment";
import { replaced } from "../e2e/example";
import { HubClient } from "../e2e/hub-client";
import { RunningKernel } from "../e2e/kernel";
import { witness } from "../faults/fault";
import { badHub } from "./bad-hub";
import { changedByHand } from "./by-hand";
import { Cluster, type Machine } from "./cluster";
import { startCrowd, stopCrowd } from "./crowd";
import { Failover } from "./failover";
import { ALLOWED_PORT, farAway, METADATA, PRIVATE } from "./far";
import { until } from "./shell";

const artifacts = join(__dirname, "artifacts");

type Keys = Record<string, unknown>;

interface Task {
  readonly NodeID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
}

/** People who all start a server; SCALE says how many. */
const crowd = Array.from({ length: Number(process.env["SCALE"] ?? 20) }, (_, at) => `person-${at + 1}`);

/** Each step stands on the one before: the first that fails ends the story. */
describe("a Swarm of three machines", function () {
  this.bail(true);
  this.timeout(300_000);

  let cluster: Cluster;
  let deployment: Deployment;
  let example: Keys;
  let alice: HubClient;
  let bob: HubClient;
  let password: string;
  /** The machine that browsers talk to, and on which nothing fails. */
  let entry: Machine;

  before(async function () {
    this.timeout(600_000);
    cluster = await Cluster.create();
    entry = cluster.machine(1);
    process.env["PATH"] = `${cluster.sshPath}:${process.env["PATH"] ?? ""}`;
    for (const image of ["debian:trixie-slim", "traefik:v3.7.15"]) {
      await cluster.copyImage(image, cluster.machine(0));
    }
    for (const folder of ["homes", "hub"]) {
      await mkdir(join(cluster.shared, folder));
    }
    deployment = await Deployment.create();
    const file = parse(await deployment.read("examples/002-swarm/Pulumi.swarm.yaml")) as { config: Keys };
    example = Object.fromEntries(
      Object.entries(file.config).map(([key, value]) => [key.replace("jupyterhub:", ""), value]),
    );
    await deployment.configure(config());
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await cluster.keepLogs(artifacts);
    }
  });

  after(async () => {
    for (const client of [alice, bob]) {
      if (client as HubClient | undefined) {
        await client.close();
      }
    }
    if ((deployment as Deployment | undefined) !== undefined) {
      await deployment.remove();
    }
    if ((cluster as Cluster | undefined) !== undefined) {
      await cluster.remove();
    }
  });

  /** The system of the example, on these machines. */
  function config(more: Keys = {}, swarm: Keys = {}): Keys {
    const { registry, shared } = cluster;
    return replaced(example, {
      name: deployment.name,
      domain: entry.address,
      docker: { host: cluster.machine(0).host, tls: cluster.tls },
      ports: { https: 8443, http: 8080 },
      swarm: {
        advertise: cluster.machine(0).address,
        // One by ssh, one by tcp.
        nodes: cluster.machines.slice(1).map(({ name, host, ssh, address }) => ({
          ...{ name, role: "worker", address },
          host: name === "node3" ? ssh : host,
        })),
        registry: { address: registry.address, user: registry.user, password: registry.password },
        proxy: { replicas: 3, constraints: [] },
        notebooks: {
          constraints: ["node.role==worker"],
          ofProfiles: { large: ["node.hostname==node3"], nowhere: ["node.labels.nowhere==yes"] },
        },
        homes: { kind: "shared-path", path: join(shared, "homes") },
        data: { kind: "shared-path", path: join(shared, "hub") },
        ...swarm,
      },
      auth: { kind: "shared-password", users: ["alice", "bob"], admins: ["admin"] },
      storage: { shared: true },
      network: { allow: [{ to: PRIVATE, ports: [ALLOWED_PORT] }] },
      groups: { physics: { members: ["alice", "bob"], folder: "read-write", limits: { processes: 400 } } },
      notebook: {
        profiles: [
          { name: "Small", default: true },
          {
            name: "Large",
            image: { kind: "build", context: "./images/notebook", args: { SIZE: "large" } },
            environment: { SIZE: "large" },
            limits: { memory: "1500m" },
          },
          { name: "Nowhere" },
        ],
      },
      // What is tested here is not how fast a busy machine starts a server.
      servers: { startTimeout: "4m" },
      ...more,
    });
  }

  const node = (...args: string[]) => deployment.hub(["node", ...args]);

  /** The machine that runs a person's server. */
  async function machineOf(user: string): Promise<Machine> {
    const manager = cluster.machine(0).docker;
    const filters = JSON.stringify({ service: [`${deployment.name}-user-${user}`] });
    const tasks = (await manager.listTasks({ filters })) as Task[];
    const running = tasks.find((task) => task.Status.State === "running" && task.DesiredState === "running");
    assert.ok(running, `no task of ${user} runs`);
    const { Description } = (await manager.getNode(running.NodeID).inspect()) as {
      Description: { Hostname: string };
    };
    const found = cluster.machines.find(({ name }) => name === Description.Hostname);
    assert.ok(found);
    return found;
  }

  /** What is wanted of all services: equal when nothing was touched. (Swarm counts versions up by itself.) */
  async function services(): Promise<unknown[]> {
    const found = (await cluster.machine(0).docker.listServices()) as unknown as {
      ID: string;
      Spec: object;
    }[];
    return found.map(({ ID, Spec }) => ({ ID, Spec })).sort((a, b) => (a.ID < b.ID ? -1 : 1));
  }

  /** When the tasks of a machine were made after a moment, and when they ran, in milliseconds. */
  async function timeline({ docker }: Machine, since: number): Promise<string> {
    const { Swarm } = (await docker.info()) as { Swarm: { NodeID: string } };
    const tasks = (await docker.listTasks({ filters: JSON.stringify({ node: [Swarm.NodeID] }) })) as (Task & {
      CreatedAt: string;
      Status: { Timestamp: string };
      Spec: { ContainerSpec: { Labels: Record<string, string> } };
    })[];
    const after = (text: string): number => new Date(text).getTime() - since;
    return tasks
      .filter(({ CreatedAt }) => after(CreatedAt) > 0)
      .map(({ CreatedAt, Status, Spec }) => {
        const role = Spec.ContainerSpec.Labels[ROLE_LABEL] ?? "";
        return `\n        ${role}: made ${after(CreatedAt)}, ${Status.State} ${after(Status.Timestamp)}`;
      })
      .join("");
  }

  /** Alice and bob come in, by the certificate that there is now. */
  async function logIn(): Promise<void> {
    for (const client of [alice, bob]) {
      if (client as HubClient | undefined) {
        await client.close();
      }
    }
    const ca = await deployment.caCertificate();
    password = await deployment.output("userPassword");
    const url = `https://${entry.address}:8443/`;
    [alice, bob] = [new HubClient(url, ca, "alice"), new HubClient(url, ca, "bob")];
    for (const client of [alice, bob]) {
      assert.equal(await client.login(password), true);
    }
  }

  /** A person does not wait longer, and neither does a test: an error then. */
  const patience = () => ({ signal: AbortSignal.timeout(20_000) });

  const answers = async (client: HubClient): Promise<boolean> =>
    (await client.api(`user/${client.user}/api/status`, patience())).status === 200;

  async function run(client: HubClient, code: string): Promise<string> {
    const kernel = await RunningKernel.start(client.serverSettings());
    try {
      return await kernel.run(code);
    } finally {
      await kernel.close();
    }
  }

  it("./up makes the Swarm, joins the machines and brings all services up", async function () {
    this.timeout(900_000);
    await deployment.up();
    const nodes = await deployment.output("nodes");
    assert.deepEqual(
      nodes.map(({ name, role, imagesPresent }) => [name, role, imagesPresent]),
      [
        ["node1", "manager", false],
        ["node2", "worker", true],
        ["node3", "worker", true],
      ],
    );
    assert.deepEqual(
      nodes.map(({ address }) => address),
      cluster.machines.map(({ address }) => address),
    );
  });

  it("changes nothing the second time, nor after a refresh", async () => {
    await deployment.pulumi(["up", "--yes", "--skip-preview", "--diff", "--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
  });

  it("is the same through ssh:// and through the manager's socket: nothing is touched", async () => {
    const before = await services();
    const manager = cluster.machine(0);
    const nodes = cluster.machines.slice(1).map(({ name, ssh: host, address }) => ({ name, host, address }));
    for (const host of [manager.ssh, `unix://${manager.socket}`]) {
      await deployment.configure(config({ docker: { host } }, { nodes }));
      await deployment.up();
      assert.deepEqual(await services(), before, host);
      assert.match((await node("list")).stdout, /^node1 +manager\*[^]*^node2 +worker[^]*^node3 +worker/m);
      await deployment.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    }
    await deployment.configure(config());
    await deployment.up();
    assert.deepEqual(await services(), before);
  });

  it("starts servers on the workers, each with a home that is its user's", async () => {
    await logIn();
    for (const client of [alice, bob]) {
      await client.startServer(120_000);
      const code = "import os; open('mine.txt', 'w').write('kept'); print(os.getuid(), os.stat('.').st_uid)";
      assert.equal(await run(client, code), "1000 1000\n");
    }
    const names = [(await machineOf("alice")).name, (await machineOf("bob")).name].sort();
    assert.deepEqual(names, ["node2", "node3"]);
  });

  /** The container of the firewall on a machine. */
  async function firewallOn({ docker }: Machine) {
    const filters = { label: [`${STACK_LABEL}=${deployment.name}`, `${ROLE_LABEL}=firewall`] };
    const [found] = await docker.listContainers({ filters });
    assert.ok(found, "no firewall runs");
    return docker.getContainer(found.Id);
  }

  /** What a program of the firewall prints on a machine. */
  async function inFirewall(machine: Machine, ...Cmd: string[]): Promise<string> {
    const exec = await (await firewallOn(machine)).exec({ Cmd, AttachStdout: true, AttachStderr: true });
    return (await buffer(await exec.start({}))).toString();
  }

  it("closes metadata, private networks and the nodes to servers on every node, as the probe shows", async () => {
    const own = await (await firewallOn(cluster.machine(0))).inspect();
    const far = await farAway(cluster.machines, own.Image);
    try {
      const probe = () => deployment.hub(["probe"], { ok: false });
      const { output, code } = await probe();
      assert.equal(code, 0, output);
      // What was there to be reached, by the same attempt from the node's own network.
      const proven = (what: string) => new RegExp(`^${what} +closed +closed \\(.*\\) +open \\(`, "m");
      for (const [at, name] of [
        [1, "node2"],
        [2, "node3"],
      ] as const) {
        for (const what of [
          `cloud metadata ${METADATA}:80`,
          `a private network ${PRIVATE}:80`,
          `the node ${cluster.machine(at).address}:\\d+`,
          "the node, UDP",
          "the node, ICMP",
          "the node, IPv6 \\[fe80\\S+\\]:\\d+",
          "a published port \\S+:8443",
          `node1 ${cluster.machine(0).address}:\\d+`,
          `node1 ${cluster.machine(0).address}:2377`,
        ]) {
          assert.match(output, proven(`${name}: ${what}`));
        }
        assert.match(output, new RegExp(`^${name}: the hub's API +open `, "m"));
        // No server answers the node by that bridge, so that no control reaches one.
        assert.match(output, new RegExp(`^${name}: a neighbour on the node \\S+:8888 +closed`, "m"));
      }
      const allowed = `import socket; print(socket.create_connection(("${PRIVATE}", ${ALLOWED_PORT}), 10).getpeername()[0])`;
      for (const client of [alice, bob]) {
        assert.equal(await run(client, allowed), `${PRIVATE}\n`);
      }
      // No wall that nobody would miss: without its rules a node's servers reach what the probe tries.
      const node = cluster.machine(1);
      const [table = ""] =
        /jupyterhub_[0-9a-f]{8}/.exec(await inFirewall(node, "nft", "list", "tables")) ?? [];
      assert.match(
        await inFirewall(node, "nft", "list", "table", "inet", table),
        /packets [1-9]\d* .*cloud metadata/,
      );
      await inFirewall(node, "nft", "delete", "table", "inet", table);
      await until("the rules are back", 10_000, async () =>
        (await inFirewall(node, "nft", "list", "table", "inet", table)).includes("cloud metadata"),
      );
    } finally {
      await far.remove({ force: true });
    }
  });

  it("starts no server on a node whose firewall does not run, and says so where it runs on none", async () => {
    const saw = witness("swarm", "swarm-firewall-away");
    const manager = cluster.machine(0).docker;
    const firewall = manager.getService(`${deployment.name}-firewall`);
    type Spec = { TaskTemplate: { Placement: object } };
    const place = async (Constraints: string[]): Promise<void> => {
      const { Version, Spec } = (await firewall.inspect()) as { Version: { Index: number }; Spec: Spec };
      const TaskTemplate = {
        ...Spec.TaskTemplate,
        Placement: { ...Spec.TaskTemplate.Placement, Constraints },
      };
      await firewall.update({ ...Spec, TaskTemplate, version: Version.Index });
    };
    const runsOn = (names: string[]) =>
      until(`the firewall runs on ${names.join(", ")}`, 60_000, async () => {
        const filters = JSON.stringify({ service: [`${deployment.name}-firewall`] });
        const tasks = (await manager.listTasks({ filters })) as Task[];
        const nodes = await nodesOf(manager);
        const found = tasks
          .filter(({ Status }) => Status.State === "running")
          .map(({ NodeID }) => nodes.find(({ ID }) => ID === NodeID)?.Description.Hostname);
        return JSON.stringify(found.sort()) === JSON.stringify(names);
      });
    const at = (await machineOf("bob")).name;
    await bob.stopServer(60_000);
    await place([`node.hostname!=${at}`]);
    await runsOn(["node1", "node2", "node3"].filter((name) => name !== at));
    await bob.startServer(240_000);
    assert.notEqual((await machineOf("bob")).name, at);
    await bob.stopServer(60_000);
    await place(["node.role==manager"]);
    await runsOn(["node1"]);
    const refused = await bob.api("hub/api/users/bob/server", { method: "POST" });
    assert.match(await refused.text(), /the firewall runs on none of the nodes for servers/);
    // Who is at work goes on, behind the rules that stay.
    const metadata = `
import socket
try:
    print(socket.create_connection(("${PRIVATE}", 80), 3))
except OSError as error:
    print("closed")`;
    assert.equal(await run(alice, metadata), "closed\n");
    const returned = Date.now();
    await place([]);
    await runsOn(["node1", "node2", "node3"]);
    await bob.startServer(240_000);
    await saw({
      seen: "Bob's server started on another node. With no firewall he read why it did not start; alice's went on behind the rules.",
      seconds: (Date.now() - returned) / 1000,
    });
  });

  it("gives a server no capability", async () => {
    assert.match(
      await run(alice, "print(open('/proc/self/status').read())"),
      /CapEff:\s0+\n[\s\S]*CapBnd:\s0+\n/,
    );
  });

  it("shares folders among people, wherever their servers run", async () => {
    await run(alice, "open('groups/physics/note.txt', 'w').write('from alice')");
    assert.equal(await run(bob, "print(open('groups/physics/note.txt').read())"), "from alice\n");
    const refused = "import os; print(os.access('shared', os.W_OK), os.path.exists('users'))";
    assert.equal(await run(bob, refused), "False False\n");
  });

  it("shows logs of services on all nodes, and lists what there is", async () => {
    const tool = async (name: string, ...args: string[]) => (await deployment.hub([name, ...args])).output;
    assert.match(await tool("logs", "hub", "--tail", "all"), /JupyterHub is now running/);
    assert.match(await tool("logs", "bob"), /Jupyter Server .* is running at/);
    const list = await tool("objects", "list");
    for (const kind of ["service", "network", "secret", "config", "image"]) {
      assert.match(list, new RegExp(`^${kind} +\\S*${deployment.name}-`, "m"));
    }
    assert.match(list, new RegExp(`^service +${deployment.name}-user-bob +user +bob$`, "m"));
    // Swarm's tasks are the services' own.
    assert.doesNotMatch(list, /^container /m);
    const homes = await tool("home", "list");
    assert.match(homes, new RegExp(`^bob +${cluster.shared}/homes/users/bob +\\S+$`, "m"));
  });

  it("keeps the proxy's API and figures from notebooks", async () => {
    const manager = cluster.machine(0).docker;
    const filters = JSON.stringify({ service: [`${deployment.name}-proxy`] });
    const tasks = (await manager.listTasks({ filters })) as (Task & {
      NetworksAttachments: { Addresses: string[] }[];
    })[];
    const ofNotebooks = "172.31.0.";
    const proxies = tasks
      .filter(({ Status }) => Status.State === "running")
      .flatMap(({ NetworksAttachments }) => NetworksAttachments.flatMap(({ Addresses }) => Addresses))
      .filter((address) => address.startsWith(ofNotebooks))
      .map((address) => address.replace(/\/.*/, ""));
    assert.equal(proxies.length, 3);
    const ask = (addresses: string[]) => `
import urllib.request, urllib.error
def ask(address):
    try:
        return urllib.request.urlopen(address, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
    except urllib.error.URLError:
        return "no way"
print([ask(address) for address in ${JSON.stringify(addresses)}])`;
    const closed = proxies.flatMap((address) => [
      `http://${address}:8097/metrics`,
      `http://${address}:8099/api/rawdata`,
    ]);
    const answers = await run(alice, ask(closed));
    assert.match(answers, /^\[(40[34](, )?){6}\]\n$/);
    assert.equal(await run(alice, ask(["http://proxy-api:8097/metrics"])), "['no way']\n");
    // Open for what is on the control network, where Prometheus would be.
    const [hub] = await manager.listContainers({
      filters: { label: [`${STACK_LABEL}=${deployment.name}`, `${ROLE_LABEL}=hub`] },
    });
    assert.ok(hub);
    const asked = await manager.getContainer(hub.Id).exec({
      Cmd: ["python3", "-c", ask(["http://proxy-api:8097/metrics"])],
      AttachStdout: true,
    });
    const stream = await asked.start({});
    assert.match((await buffer(stream)).toString(), /\[200\]/);
  });

  it("a profile has its own image, limits and nodes", async () => {
    await bob.stopServer(60_000);
    await bob.startServer(240_000, { profile: "large" });
    assert.equal((await machineOf("bob")).name, "node3");
    const code = "import os; print(os.environ['SIZE'], os.environ['MEM_LIMIT'])";
    assert.equal(await run(bob, code), `large ${1500 * 1024 ** 2}\n`);
    await bob.stopServer(60_000);
    await bob.startServer(240_000, { profile: "small" });
  });

  it("tells at once why a server cannot start, and leaves nothing of it", async () => {
    const saw = witness("swarm", "swarm-no-node");
    await bob.stopServer(60_000);
    const asked = Date.now();
    const refused = await bob.api("hub/api/users/bob/server", {
      method: "POST",
      body: JSON.stringify({ profile: "nowhere" }),
    });
    const text = await refused.text();
    assert.equal(refused.status, 500, text);
    assert.match(text, /No node can take your server now\./);
    const took = Date.now() - asked;
    assert.ok(took < 15_000, `${took} ms`);
    const filters = JSON.stringify({ name: [`${deployment.name}-user-bob`] });
    assert.deepEqual(await cluster.machine(0).docker.listServices({ filters }), []);
    await bob.startServer(240_000, { profile: "small" });
    await saw({
      seen: 'He read: "No node can take your server now." Another profile started.',
      seconds: took / 1000,
    });
  });

  it("a killed worker: its user's server answers elsewhere in under 45 s, with the home", async () => {
    const saw = witness("swarm", "swarm-worker-lost");
    const client = (await machineOf("bob")).name === "node3" ? bob : alice;
    await cluster.machine(2).kill();
    // The server is gone, its address with it, before it is back.
    const took = await until("the server answers on another machine", 45_000, async () => {
      return (await machineOf(client.user)).name === "node2" && (await answers(client));
    });
    assert.equal(await run(client, "print(open('mine.txt').read())"), "kept\n");
    await saw({ seen: "The server answered on another node, with the home.", seconds: took / 1000 });
  });

  it("the machine comes back and takes servers again", async () => {
    await cluster.machine(2).start();
    await node("add", "node3");
    assert.match((await node("list")).stdout, /node3 +worker +\S+ +ready +active +yes/);
  });

  it("the manager restarts: servers answer all the while, the hub is back in under 60 s", async () => {
    const saw = witness("swarm", "swarm-manager-restarted");
    let [asked, failed] = [0, 0];
    const manager = cluster.machine(0);
    const killed = Date.now();
    await manager.kill();
    const started = manager.start().then(() => Date.now() - killed);
    const took = await until("the hub answers", 60_000, async () => {
      asked += 1;
      if (!(await answers(alice).catch(() => false))) {
        failed += 1;
      }
      return (await alice.api("hub/api", patience())).status === 200;
    });
    console.log(`      engine back after ${await started} ms${await timeline(manager, killed)}`);
    console.log(`      hub back after ${took} ms; ${asked} requests to a server meanwhile, ${failed} failed`);
    assert.equal(failed, 0);
    assert.ok(await answers(bob));
    // They find the hub at its new address: it is asked for every new token.
    const again = new HubClient(alice.url, await deployment.caCertificate(), "alice");
    try {
      await until("a new login is known to a server that went on", 60_000, async () => {
        assert.equal(await again.login(password), true);
        return answers(again);
      });
    } finally {
      await again.close();
    }
    // It knows its servers, and does not start a second one.
    for (const client of [alice, bob]) {
      await client.serverReady(60_000);
    }
    await saw({
      seen: "The hub answered again. It knew both servers, and logins worked.",
      seconds: took / 1000,
      requests: { all: asked, failed },
    });
  });

  it("a server that its user shuts down stays down", async () => {
    const shutdown = await alice.api("user/alice/api/shutdown", { method: "POST" });
    assert.equal(shutdown.status, 200);
    await until("the hub knows that the server ended", 90_000, async () => {
      const { servers } = (await (await alice.api("hub/api/users/alice")).json()) as { servers: object };
      return Object.keys(servers).length === 0;
    });
    await alice.startServer(120_000);
  });

  it("drains a node, removes it and takes it back", async () => {
    const saw = witness("swarm", "swarm-node-drained");
    const { user } = (await machineOf("bob")).name === "node3" ? bob : alice;
    const drained = (await node("drain", "node3", "--notice", "node3 closes at noon.")).stdout;
    assert.match(drained, /left the notice in \d servers/);
    assert.match(drained, /drained and empty/);
    const took = await until("the server answers on another machine", 60_000, async () => {
      return (await machineOf(user)).name === "node2" && (await answers(user === "bob" ? bob : alice));
    });
    const told = "import glob; print(open(glob.glob('READ-ME-*')[0]).read())";
    assert.match(await run(user === "bob" ? bob : alice, told), /node3 closes at noon/);
    assert.match((await node("remove", "node3")).stdout, /removed/);
    assert.doesNotMatch((await node("list")).stdout, /node3/);
    assert.match((await node("add", "node3")).stdout, /accepts servers/);
    const unknown = await deployment.hub(["node", "drain", "node9"], { ok: false });
    assert.match(unknown.output, /expected a node of the Swarm \(node1, node2, node3\), got "node9"/);
    await saw({
      seen: "Who worked there got the notice. The server answered on the other node, and the drained one was removed and added again.",
      seconds: took / 1000,
    });
  });

  it("a changed setting makes a new config, the hub follows, and the old one goes", async () => {
    const hubConfigs = async () =>
      (await cluster.machine(0).docker.listConfigs({
        filters: JSON.stringify({ label: ["org.jupyterhub.role=hub"] }),
      })) as { ID: string }[];
    const [before] = await hubConfigs();
    await deployment.configure(
      config({ auth: { kind: "shared-password", users: ["alice", "bob", ...crowd], admins: ["admin"] } }),
    );
    await deployment.up();
    const old = `${cluster.registry.address}/${deployment.name}-hub@`;
    for (const { docker } of cluster.machines) {
      const images = await docker.listImages();
      const hubs = images.filter(({ RepoDigests }) => RepoDigests?.some((digest) => digest.startsWith(old)));
      assert.ok(hubs.length <= 1, "one image of the hub at most is on a node");
    }
    const after = await hubConfigs();
    assert.equal(after.length, 1);
    assert.notEqual(after[0]?.ID, before?.ID);
    assert.ok(await answers(bob), "the server goes on");
  });

  it("a node that cannot pull is named with the reason, and people go on with the old image", async () => {
    const saw = witness("swarm", "swarm-node-cannot-pull");
    const trust = join(cluster.machine(2).folder, "etc", "certs.d", cluster.registry.address, "ca.crt");
    await rename(trust, `${trust}.away`);
    await appendFile(join(deployment.folder, "images", "notebook", "Dockerfile"), "ENV CHANGED=yes\n");
    const failed = await deployment.up([], { ok: false });
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /-pre-puller(-large)?: .*\(node3: .+\)\. See: docker service ps --no-trunc /);
    await bob.stopServer(60_000);
    await bob.startServer(240_000, { profile: "small" });
    assert.equal(await run(bob, "import os; print(os.environ.get('CHANGED'))"), "None\n");
    await rename(`${trust}.away`, trust);
    const repaired = Date.now();
    await deployment.up();
    const seconds = (Date.now() - repaired) / 1000;
    await bob.stopServer(60_000);
    await bob.startServer(240_000, { profile: "small" });
    assert.equal(await run(bob, "import os; print(os.environ.get('CHANGED'))"), "yes\n");
    await saw({
      seen: "./up failed with the node and the reason. Bob started a server from the old image, and from the new one after the repair.",
      seconds,
    });
  });

  it("has room for a crowd: what a server costs, and how fast they start", async function () {
    this.timeout(900_000);
    const admin = new HubClient(alice.url, await deployment.caCertificate(), "admin");
    try {
      assert.equal(await admin.login(await deployment.output("adminPassword")), true);
      const figures = await startCrowd(admin, crowd, cluster.machines.slice(1), deployment.name);
      console.log(
        `      ${Object.entries(figures)
          .map(([what, number]) => `${what}: ${number}`)
          .join("; ")}`,
      );
      assert.equal(figures.servers, crowd.length);
      assert.ok(await answers(bob));
      await stopCrowd(admin, crowd);
    } finally {
      await admin.close();
    }
  });

  it("homes of one node: people are bound to it, and are moved with their home by a command", async () => {
    for (const client of [alice, bob]) {
      await client.stopServer(120_000);
    }
    await deployment.configure(
      config(
        { storage: {}, groups: {} },
        {
          homes: { kind: "local", pinned: true },
          data: { kind: "shared-path", path: join(cluster.shared, "hub") },
        },
      ),
    );
    await deployment.up();
    await alice.startServer(240_000);
    const from = (await machineOf("alice")).name;
    const to = from === "node2" ? "node3" : "node2";
    await run(alice, "import os; os.makedirs('a/b'); open('a/b/mine.txt', 'w').write('moved')");
    const busy = await deployment.hub(["node", "move-home", "alice", "--to", to], { ok: false });
    assert.match(busy.output, /alice: has a running server/);
    await alice.stopServer(60_000);
    assert.match((await node("move-home", "alice", "--to", to)).stdout, /and compared[\s\S]*starts on node/);
    await alice.startServer(240_000);
    assert.equal((await machineOf("alice")).name, to);
    assert.equal(await run(alice, "print(open('a/b/mine.txt').read())"), "moved\n");
    assert.deepEqual(
      (
        (await cluster.machines.find(({ name }) => name === from)?.docker.listVolumes())?.Volumes ?? []
      ).filter(({ Name }) => Name.includes("-home-alice")),
      [],
    );
  });

  it("a home of one node is listed with it, saved and loaded; while the node is down, its user is told the name", async () => {
    const saw = witness("swarm", "swarm-home-node-lost");
    const tool = (args: string[], ok = true) => deployment.hub(["home", ...args], { ok });
    if ((await machineOf("alice")).name !== "node3") {
      await alice.stopServer(60_000);
      await node("move-home", "alice", "--to", "node3");
    } else {
      await alice.stopServer(60_000);
    }
    const file = join(deployment.folder, "alice.tar.gz");
    const volume = `${deployment.name}-home-alice`;
    assert.match((await tool(["list"])).stdout, new RegExp(`^alice +${volume} +node3$`, "m"));
    await tool(["save", "alice", file]);
    await tool(["load", "alice", file, "--replace"]);
    assert.match(
      (await tool(["load", "bob", file], false)).output,
      /^load: expected a home on a node, but bob has none yet\.\n.*start and stop the server of bob once/,
    );
    await cluster.machine(2).kill();
    await until("the manager knows that node3 is down", 60_000, async () =>
      /node3 +worker +\S+ +down/.test((await node("list")).stdout),
    );
    const refused = await alice.api("hub/api/users/alice/server", { method: "POST" });
    assert.equal(refused.status, 500);
    assert.match(await refused.text(), /Your files are on node3, which is down/);
    const list = await tool(["list"]);
    assert.match(list.output, /Note: node3 does not answer/);
    const back = Date.now();
    await cluster.machine(2).start();
    await node("add", "node3");
    await alice.startServer(240_000);
    const seconds = (Date.now() - back) / 1000;
    assert.equal(await run(alice, "print(open('a/b/mine.txt').read())"), "moved\n");
    await saw({
      seen: 'She read: "Your files are on node3, which is down". With the node back, her server started with them.',
      seconds,
    });
  });

  it("homes of any volume driver, groups with nodes of their own, behind a load balancer", async () => {
    await alice.stopServer(60_000);
    const secrets = async () => {
      const filters = JSON.stringify({ label: [`${STACK_LABEL}=${deployment.name}`, `${ROLE_LABEL}=proxy`] });
      return ((await cluster.machine(0).docker.listSecrets({ filters })) as { ID: string }[]).map(
        ({ ID }) => ID,
      );
    };
    const before = await secrets();
    const folder = join(cluster.shared, "volumes", "alice");
    await mkdir(folder, { recursive: true });
    await chown(folder, 1000, 100);
    const device = join(cluster.shared, "volumes", "{username}");
    await deployment.configure(
      config(
        {
          storage: {},
          groups: { physics: { members: ["alice"] } },
          tls: { kind: "off", trustedProxies: ["192.0.2.1"] },
        },
        {
          homes: { kind: "volume", driver: "local", options: { type: "none", o: "bind", device } },
          notebooks: { constraints: ["node.role==worker"], ofGroups: { physics: ["node.hostname==node3"] } },
        },
      ),
    );
    await deployment.up();
    const plain = new HubClient(`http://${entry.address}:8080/`, "", "alice");
    plain.useToken(alice.token);
    try {
      await plain.startServer(240_000);
      // Every entry node has the route at once, whichever a person comes in at.
      for (const { address } of cluster.machines) {
        const answer = await plain.api(`http://${address}:8080/user/alice/api/status`);
        assert.equal(answer.status, 200, `${address}: ${await answer.text()}`);
      }
      assert.equal((await machineOf("alice")).name, "node3");
      await run(plain, "open('mine.txt', 'w').write('of a driver')");
      assert.equal(await readFile(join(folder, "mine.txt"), "utf8"), "of a driver");
      await assert.rejects(alice.api("hub/api"), "nothing speaks TLS");
      // The certificate is in a new secret, and the old one is gone.
      const after = await secrets();
      assert.equal(after.length, before.length);
      assert.notDeepEqual(after.sort(), before.sort());
      await plain.stopServer(60_000);
    } finally {
      await plain.close();
    }
    await deployment.configure(config());
    await deployment.up();
  });

  badHub(() => ({
    deployment,
    manager: cluster.machine(0).docker,
    alice,
    logIn,
    configure: (more) => deployment.configure(config(more)),
  }));

  it("an unreachable registry fails before anything is replaced", async () => {
    const saw = witness("swarm", "swarm-registry-unreachable");
    const before = await services();
    await cluster.registry.stop();
    await appendFile(join(deployment.folder, "images", "redis", "Dockerfile"), "ENV CHANGED=yes\n");
    const begun = Date.now();
    const { output, code } = await deployment.up([], { ok: false });
    const seconds = (Date.now() - begun) / 1000;
    await cluster.registry.start();
    assert.notEqual(code, 0, output);
    assert.match(output, /connection refused|connect:/, output);
    assert.deepEqual(await services(), before, output);
    await saw({ seen: "./up failed with the reason, and no service was touched.", seconds });
  });

  it("refuses a worker as manager and a subnet that is taken, before anything is planned", async () => {
    await deployment.configure(config({ docker: { host: entry.host, tls: cluster.tls } }));
    const worker = await deployment.pulumi(["preview"], { ok: false });
    assert.match(
      worker.output,
      /docker\.host: expected a manager of the Swarm, got node2, which is a worker/,
    );
    await deployment.configure(config({}, { network: { subnet: "172.17.0.0/24" } }));
    const taken = await deployment.pulumi(["preview"], { ok: false });
    assert.match(
      taken.output,
      /swarm\.network\.subnet: expected addresses that nothing else uses, .* Docker's network bridge has/,
    );
    await deployment.configure(config());
  });

  /** The hub's newest task: when it was made, and when it answered its health check, in milliseconds. */
  async function hubTask({ docker }: Machine): Promise<{ readonly made: number; readonly ran: number }> {
    const filters = JSON.stringify({ service: [`${deployment.name}-hub`], "desired-state": ["running"] });
    const [task] = (await docker.listTasks({ filters })) as (Task & {
      CreatedAt: string;
      Status: { Timestamp: string };
    })[];
    assert.ok(task, "the hub has no task");
    return { made: new Date(task.CreatedAt).getTime(), ran: new Date(task.Status.Timestamp).getTime() };
  }

  it("three managers: the first is lost, the hub is back on another one, servers answer all the while", async function () {
    const saw = witness("swarm", "swarm-first-manager-lost");
    this.timeout(900_000);
    // Where all are managers, none is a worker: Swarm would end servers that are for workers only.
    await deployment.configure(config({}, { notebooks: { constraints: ["node.hostname!=node1"] } }));
    await deployment.up();
    // TLS was off meanwhile: the certificate is a new one.
    await logIn();
    for (const client of [alice, bob]) {
      await client.stopServer(120_000);
      await client.startServer(240_000);
      // Whom a server knows it lets in for five minutes without the hub.
      assert.ok(await answers(client));
    }
    const manager = cluster.machine(0);
    for (const name of ["node2", "node3"]) {
      await updateNode(manager.docker, name, { Role: "manager" });
    }
    await until("all machines are managers, with all that runs on managers", 180_000, async () => {
      const tasks = (await manager.docker.listTasks({
        filters: JSON.stringify({
          service: [`${deployment.name}-docker-filter`, `${deployment.name}-routes-server`],
        }),
      })) as Task[];
      return tasks.filter(({ Status }) => Status.State === "running").length === 6;
    });
    // Known anew: on a busy machine the five minutes would be over before the hub is back.
    await logIn();
    for (const client of [alice, bob]) {
      assert.ok(await answers(client));
    }
    const before = await hubTask(manager);
    await manager.kill();
    const failover = new Failover(`${deployment.name}-hub`, manager.name, entry);
    const over = new AbortController();
    const watched = failover.watch(over.signal);
    let [asked, failed] = [0, 0];
    const took = await until("the hub answers", 300_000, async () => {
      asked += 1;
      if (!(await answers(alice).catch(() => false))) {
        failed += 1;
      }
      return (await alice.api("hub/api", patience())).status === 200;
    }).finally(async () => {
      over.abort();
      await watched;
      console.log(`      what Swarm did:${failover.told}`);
    });
    const noticed = failover.replaced;
    const usual = before.ran - before.made;
    console.log(
      `      hub back after ${took} ms; a leader after ${failover.elected}; Swarm started the hub after ${noticed}; ` +
        `its start before took ${usual}; ${asked} requests to a server meanwhile, ${failed} failed`,
    );
    assert.equal(failed, 0);
    assert.deepEqual(failover.late, []);
    // On a busy machine every start takes longer.
    const bound = 15_000 + 2 * usual;
    assert.ok(took - noticed < bound, `${took - noticed} ms to start, more than ${bound}`);
    await bob.stopServer(120_000);
    await bob.startServer(240_000);
    assert.ok(await answers(bob));
    await manager.start();
    await until("the first machine is a manager again", 60_000, async () => {
      const nodes = await nodesOf(manager.docker);
      return nodes.every(({ ManagerStatus }) => ManagerStatus?.Reachability === "reachable");
    });
    await saw({
      seen:
        `A leader was chosen after ${(failover.elected / 1000).toFixed(1)} s, and the hub started on another node ` +
        `after ${(noticed / 1000).toFixed(1)} s. ` +
        "Bob started a server on what was left.",
      seconds: took / 1000,
      requests: { all: asked, failed },
    });
  });

  it("tries a new hub where the hub runs on another manager than the one that Pulumi talks to", async function () {
    this.timeout(600_000);
    const manager = cluster.machine(0);
    const hub = async () => {
      const found = manager.docker.getService(`${deployment.name}-hub`);
      return ((await found.inspect()) as { Spec: object }).Spec;
    };
    const filters = { name: [`${deployment.name}-hub.`], status: ["running"] };
    assert.deepEqual(
      await manager.docker.listContainers({ filters }),
      [],
      "the hub runs on the first manager",
    );
    const withCode = (text: string) =>
      deployment.configure(
        config(
          { hub: { extraConfig: { kind: "text", text } } },
          { notebooks: { constraints: ["node.hostname!=node1"] } },
        ),
      );
    const before = await hub();
    await withCode('raise RuntimeError("bad day")\n');
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /^ {2}hub-trial-run: hub\.extraConfig: \S+: line 1: RuntimeError: bad day\n/m);
    assert.deepEqual(await hub(), before);
    assert.equal((await alice.api("hub/api", patience())).status, 200);
    await withCode("x = 1\n");
    await deployment.up();
    assert.notDeepEqual(await hub(), before);
    assert.equal((await alice.api("hub/api", patience())).status, 200);
    for (const name of ["node2", "node3"]) {
      await updateNode(manager.docker, name, { Role: "worker" });
    }
    await until("the others are workers again", 60_000, async () => {
      const nodes = await nodesOf(manager.docker);
      return nodes.filter(({ ManagerStatus }) => ManagerStatus !== undefined).length === 1;
    });
    await until("the hub is on the first machine again", 120_000, async () => {
      const here = await manager.docker.listContainers({ filters });
      return here.length === 1 && (await alice.api("hub/api", patience())).status === 200;
    });
    // What comes next stands on the example, with nodes of profiles.
    await deployment.configure(config());
    await deployment.up();
  });

  changedByHand(() => ({
    deployment,
    machines: cluster.machines,
    data: join(cluster.shared, "hub"),
    alice,
    logIn,
  }));

  it("destroys all that it made, and keeps the homes", async () => {
    await deployment.pulumi(["destroy", "--yes", "--skip-preview"]);
    const manager = cluster.machine(0).docker;
    assert.deepEqual(await manager.listServices(), []);
    assert.deepEqual(await manager.listConfigs(), []);
    assert.deepEqual(await manager.listSecrets(), []);
    // An engine keeps its part of a network until the last task has left it, a moment after its service.
    await until("the networks are gone", 30_000, async () =>
      (await manager.listNetworks()).every(({ Name }) => !Name.startsWith("jh-e2e")),
    );
    for (const machine of cluster.machines.filter(({ running }) => running)) {
      // Its tasks end after a service is gone.
      await until(`the rules of ${machine.name} are gone`, 30_000, async () => {
        return !(await machine.run("nft", "list", "tables")).includes(" jupyterhub_");
      });
    }
  });
});
