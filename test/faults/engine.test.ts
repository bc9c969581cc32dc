/** The Docker host goes down and comes back: an engine of the test's own, with all that runs on it. */
import assert from "node:assert/strict";

import type { Machine } from "../swarm/cluster";
import { Cluster } from "../swarm/cluster";
import { fault } from "./fault";
import { kill, processes } from "./processes";
import { World } from "./world";

describe("a Docker host that goes down", function () {
  this.timeout(1_800_000);

  let cluster: Cluster;
  let machine: Machine;
  let world: World;

  before(async () => {
    cluster = await Cluster.create(1);
    machine = cluster.machine(0);
    for (const image of ["debian:trixie-slim", "traefik:v3.7.15"]) {
      await cluster.copyImage(image, machine);
    }
    const { docker, address, host } = machine;
    world = await World.create({}, { engine: { docker, address, config: { host, tls: cluster.tls } } });
  });
  after(async () => {
    await (world as World | undefined)?.remove();
    await (cluster as Cluster | undefined)?.remove();
  });

  async function comesBack(down: () => Promise<void>): Promise<{ seen: string; seconds: number }> {
    const roles = ["hub", "proxy", "docker-filter", "routes", "firewall"];
    const ids = () => Promise.all(roles.map((role) => world.deployment.containerId(role)));
    const before = await ids();
    await world.mark();
    await down();
    await machine.start();
    const seconds = await world.seconds("bob can log in", () => world.canLogIn());
    assert.deepEqual(await ids(), before);
    await world.aliceStartsAgain();
    await world.somebodyWorks();
    await world.deployment.up(["--expect-no-changes"]);
    return {
      seen: "Everything started by itself. Alice started her server again and had her file.",
      seconds,
    };
  }

  fault("engine", "engine-restarted", () =>
    comesBack(async () => {
      const engine = processes().filter(({ command }) =>
        command.includes(`dockerd --host unix://${machine.folder}/`),
      );
      assert.equal(engine.length, 1);
      kill(
        engine.map(({ pid }) => pid),
        "SIGTERM",
      );
      await world.seconds("the engine has ended", () => Promise.resolve(!machine.running));
    }),
  );

  fault("engine", "power-cut", () => comesBack(() => machine.kill()));
});
