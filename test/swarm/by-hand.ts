/** Steps of the Swarm's story: what people change by hand, and what gets lost. */
import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";

import { updateNode } from "../../cli/node/cluster";
import { nodesOf } from "../../docker-api/swarm";
import type { Deployment } from "../e2e/deployment";
import type { HubClient } from "../e2e/hub-client";
import { RunningKernel } from "../e2e/kernel";
import { witness } from "../faults/fault";
import type { Machine } from "./cluster";
import { until } from "./shell";

/** What the story has at this point: alice's server runs. */
export interface Story {
  readonly deployment: Deployment;
  readonly machines: readonly Machine[];
  /** Folder with the hub's database, on all machines. */
  readonly data: string;
  readonly alice: HubClient;
  readonly logIn: () => Promise<void>;
}

interface Spec {
  Mode: { Replicated?: { Replicas: number } };
  Labels: Record<string, string>;
  UpdateConfig: { Order: string };
  TaskTemplate: {
    Placement: { Constraints?: string[] };
    Resources?: object;
    ContainerSpec: {
      Env?: string[];
      Secrets?: { SecretID: string }[];
      Configs?: { ConfigID: string }[];
    };
  };
}

export function changedByHand(story: () => Story): void {
  const manager = (): Docker => {
    const [first] = story().machines;
    assert.ok(first);
    return first.docker;
  };
  const named = (role: string) => `${story().deployment.name}-${role}`;
  const inspect = async (role: string) =>
    (await manager().getService(named(role)).inspect()) as {
      ID: string;
      Version: { Index: number };
      Spec: Spec;
    };

  /** As `docker service update` does it. */
  async function alter(role: string, change: (spec: Spec) => void): Promise<void> {
    const { Version, Spec } = await inspect(role);
    change(Spec);
    await manager()
      .getService(named(role))
      .update({ ...Spec, version: Version.Index });
  }

  /** With its secrets and configs. */
  async function remove(role: string): Promise<void> {
    const { Spec } = await inspect(role);
    await manager().getService(named(role)).remove();
    const { Secrets = [], Configs = [] } = Spec.TaskTemplate.ContainerSpec;
    for (const { SecretID } of Secrets) {
      await manager().getSecret(SecretID).remove();
    }
    for (const { ConfigID } of Configs) {
      await manager().getConfig(ConfigID).remove();
    }
  }

  /** What the hub's container is, and how often its health was looked at since then. */
  async function hub() {
    const filters = { name: [`${named("hub")}.`], status: ["running"] };
    const [found] = await manager().listContainers({ filters });
    assert.ok(found, "the hub does not run on the first machine");
    const { State } = await manager().getContainer(found.Id).inspect();
    return { id: found.Id, health: State.Health };
  }

  const counts = async (kernel: RunningKernel): Promise<void> => {
    assert.equal(await kernel.run("print(counter)"), "41\n");
  };

  /** Alice's kernel, her server, and what becomes of both. */
  async function atWork(): Promise<{ kernel: RunningKernel; service: string }> {
    const kernel = await RunningKernel.start(story().alice.serverSettings());
    await kernel.run("counter = 41");
    return { kernel, service: (await inspect("user-alice")).ID };
  }

  it("a hub without its way to Docker is told, and not restarted: people at work go on", async () => {
    const saw = witness("swarm", "swarm-docker-filter-away");
    const { deployment } = story();
    const { kernel } = await atWork();
    const before = await hub();
    await alter("docker-filter", ({ TaskTemplate }) => {
      TaskTemplate.Placement.Constraints = ["node.labels.none==yes"];
    });
    await until("the filter is gone", 60_000, async () => {
      const filters = { name: [`${named("docker-filter")}.`] };
      return (await manager().listContainers({ filters })).length === 0;
    });
    const since = Date.now();
    // As many checks as would end it, if they asked for more than a sign of life.
    await until("the hub's health was looked at for a minute", 200_000, async () => {
      const { health } = await hub();
      const last = health?.Log.at(-1);
      return last !== undefined && new Date(last.End).getTime() - since > 60_000;
    });
    const after = await hub();
    assert.equal(after.id, before.id);
    assert.equal(after.health?.Status, "healthy");
    const { output, code } = await deployment.hub(["check"], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /The hub does not reach Docker, so no server can start: no answer from tcp:/);
    await counts(kernel);
    const shown = await deployment.up(["--preview"]);
    assert.match(
      shown.output,
      new RegExp(
        `warning: service ${named("docker-filter")}: constraints: expected node.role==manager, ` +
          "got node.labels.none==yes. It will be updated",
      ),
    );
    const begun = Date.now();
    await deployment.up();
    const seconds = (Date.now() - begun) / 1000;
    await deployment.hub(["check"]);
    assert.equal((await hub()).id, before.id);
    await counts(kernel);
    kernel.leave();
    await saw({
      seen: "./hub check and the preview named it, ./up corrected it. The hub was not restarted, a kernel went on.",
      seconds,
    });
  });

  it("services that were changed or removed are named with their fields, and corrected; servers go on", async () => {
    const saw = witness("swarm", "swarm-services-changed");
    const { deployment } = story();
    const { kernel, service } = await atWork();
    await alter("redis", ({ Mode }) => {
      Mode.Replicated = { Replicas: 0 };
    });
    await alter("proxy", ({ Labels, UpdateConfig }) => {
      Labels["mine"] = "yes";
      UpdateConfig.Order = "start-first";
    });
    await alter("hub", ({ TaskTemplate }) => {
      TaskTemplate.Resources = { Limits: { MemoryBytes: 512 * 1024 ** 2 } };
      TaskTemplate.ContainerSpec.Env = ["MINE=secret"];
    });
    await remove("routes-server");
    await remove("pre-puller");
    const { output } = await deployment.up(["--preview"]);
    for (const told of [
      `service ${named("redis")}: replicas: expected 1, got 0. It will be updated.`,
      `service ${named("proxy")}: labels: expected .*, got mine=yes, .*; update order: expected stop-first, got start-first`,
      `service ${named("hub")}: environment: expected none, got MINE; memory: expected none, got 512 MiB`,
      `service ${named("routes-server")}: it is gone. It will be recreated.`,
      `service ${named("pre-puller")}: it is gone. It will be recreated.`,
      `secret ${named("routes-server-redis-password")}\\S*: it is gone. It will be recreated.`,
      `config ${named("routes-server-")}\\S*: it is gone. It will be recreated.`,
    ]) {
      assert.match(output, new RegExp(`warning: ${told}`));
    }
    assert.doesNotMatch(output, /MINE=secret/);
    // The Docker provider alone could not: it fails where it is to remove what is gone.
    const plain = await deployment.pulumi(["up", "--yes", "--skip-preview"], { ok: false });
    assert.notEqual(plain.code, 0);
    assert.match(plain.output, new RegExp(`\\./up ${deployment.stack} does both`));
    const begun = Date.now();
    await deployment.up();
    const seconds = (Date.now() - begun) / 1000;
    await deployment.up(["--expect-no-changes"]);
    assert.equal((await inspect("user-alice")).ID, service, "alice's server was stopped");
    await counts(kernel);
    kernel.leave();
    await saw({
      seen: "The preview named all five with their fields, and ./up corrected them. A kernel went on.",
      seconds,
    });
  });

  it("a drained node and a label that nobody has are named; a node that has left is joined again", async () => {
    const saw = witness("swarm", "swarm-node-left");
    const { deployment, machines } = story();
    const last = machines.at(-1);
    assert.ok(last);
    await updateNode(manager(), last.name, { Availability: "drain" });
    const drained = await deployment.up(["--preview"]);
    assert.match(
      drained.output,
      new RegExp(
        `warning: node ${last.name}: availability: expected active, got drain.*\\n?.*` +
          `\\./hub node add ${last.name} --stack ${deployment.stack}`,
      ),
    );
    assert.match(
      drained.output,
      /warning: \S*ofProfiles\.nowhere: no node has the label of node\.labels\.nowhere==yes/,
    );
    await last.docker.swarmLeave({ force: true });
    await until(`the manager knows that ${last.name} is down`, 60_000, async () =>
      (await nodesOf(manager())).some(({ Status }) => Status.State === "down"),
    );
    const left = await deployment.up(["--preview"]);
    assert.match(
      left.output,
      new RegExp(`warning: node ${last.name}: it is no longer in the Swarm. It will be joined again`),
    );
    const begun = Date.now();
    await deployment.up();
    const seconds = (Date.now() - begun) / 1000;
    const nodes = (await nodesOf(manager())).filter(({ Description }) => Description.Hostname === last.name);
    assert.deepEqual(
      nodes.map(({ Status }) => Status.State),
      ["ready"],
    );
    await deployment.up(["--expect-no-changes"]);
    await saw({ seen: "The preview named the node, and ./up joined it again.", seconds });
  });

  it("a lost state is told, and the stack taken over: same passwords, networks, servers and kernels", async () => {
    const saw = witness("swarm", "state-lost");
    const { deployment, alice } = story();
    const { kernel, service } = await atWork();
    const password = await deployment.output("userPassword");
    const network = await manager().getNetwork(named("notebooks")).inspect();
    await rm(join(deployment.folder, ".state"), { recursive: true });
    const { output, code } = await deployment.up(["--preview"], { ok: false });
    assert.notEqual(code, 0, output);
    assert.match(output, /\(\d+ services, 2 networks, \d running notebook servers?\)/);
    const begun = Date.now();
    await deployment.up(["--take-over"]);
    const seconds = (Date.now() - begun) / 1000;
    // The authority's key was in the state alone.
    await alice.trust(await deployment.caCertificate());
    assert.equal(await deployment.output("userPassword"), password);
    assert.equal((await manager().getNetwork(named("notebooks")).inspect()).Id, network.Id);
    assert.equal((await inspect("user-alice")).ID, service, "alice's server was stopped");
    const again = await kernel.again(alice.serverSettings());
    await counts(again);
    again.leave();
    assert.equal((await alice.visit("hub/home")).status, 200, "alice is logged out");
    // Each secret and config has a service: none is left of those before.
    const used = ((await manager().listServices()) as unknown as readonly { readonly Spec: Spec }[]).flatMap(
      ({ Spec }) => [
        ...(Spec.TaskTemplate.ContainerSpec.Secrets ?? []).map(({ SecretID }) => SecretID),
        ...(Spec.TaskTemplate.ContainerSpec.Configs ?? []).map(({ ConfigID }) => ConfigID),
      ],
    );
    for (const list of [await manager().listSecrets(), await manager().listConfigs()]) {
      assert.deepEqual(
        (list as { ID: string }[]).map(({ ID }) => ID).filter((id) => !used.includes(id)),
        [],
      );
    }
    await deployment.up(["--expect-no-changes"]);
    await saw({
      seen: "./up said so and refused. With --take-over it kept the same passwords, server and kernel.",
      seconds,
    });
  });

  it("a lost database: the hub adopts the servers that run, with their kernels", async () => {
    const saw = witness("swarm", "swarm-database-lost");
    const { deployment, data, logIn } = story();
    const { kernel, service } = await atWork();
    await alter("hub", ({ Mode }) => {
      Mode.Replicated = { Replicas: 0 };
    });
    await until("the hub has ended", 60_000, async () => {
      const filters = { name: [`${named("hub")}.`] };
      return (await manager().listContainers({ filters })).length === 0;
    });
    for (const file of await readdir(data)) {
      if (file.startsWith("jupyterhub.sqlite")) {
        await rm(join(data, file));
      }
    }
    const begun = Date.now();
    await deployment.up();
    await until("the hub has adopted alice's server", 60_000, async () =>
      (await deployment.hub(["logs", "hub", "--tail", "all"])).output.includes(
        `Adopted server ${named("user-alice")} of alice, which was not in the database`,
      ),
    );
    const seconds = (Date.now() - begun) / 1000;
    await logIn();
    const { alice } = story();
    assert.equal((await inspect("user-alice")).ID, service);
    const again = await kernel.again(alice.serverSettings());
    await counts(again);
    again.leave();
    const { servers } = (await (await alice.api("hub/api/users/alice")).json()) as { servers: object };
    assert.deepEqual(Object.keys(servers), [""]);
    await saw({
      seen: "Alice's server was adopted: she logged in again and went on with her kernel.",
      seconds,
    });
  });
}
