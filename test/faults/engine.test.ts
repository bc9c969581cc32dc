/** The Docker host goes down and comes back: an engine of the test's own, with all that runs on it. */
import assert from "node:assert/strict";

import type { Machine } from "../swarm/cluster";
import { Cluster } from "../swarm/cluster";
import { fault } from "./fault";
import { kill, processes } from "./processes";
import { type Keys, World } from "./world";

/** What runs on the host, and which faults it has there. */
const STACKS: readonly {
  readonly what: string;
  readonly keys: Keys;
  readonly roles: readonly string[];
  readonly restarted?: string;
  readonly powerCut: string;
}[] = [
  {
    what: "with a single host's stack",
    keys: {},
    roles: ["hub", "proxy", "docker-filter", "routes", "firewall"],
    restarted: "engine-restarted",
    powerCut: "power-cut",
  },
  {
    what: "with a lockdown",
    keys: { variant: "lockdown", egress: { allow: [{ host: "example.org" }] } },
    roles: ["hub", "proxy", "docker-filter", "routes", "firewall", "egress"],
    powerCut: "lockdown-power-cut",
  },
];

describe("a Docker host that goes down", function () {
  this.timeout(1_800_000);

  let cluster: Cluster;
  let machine: Machine;

  before(async () => {
    cluster = await Cluster.create(1);
    machine = cluster.machine(0);
    for (const image of ["debian:trixie-slim", "traefik:v3.7.15"]) {
      await cluster.copyImage(image, machine);
    }
  });
  after(async () => {
    await (cluster as Cluster | undefined)?.remove();
  });

  for (const { what, keys, roles, restarted, powerCut } of STACKS) {
    describe(what, () => {
      let world: World;

      before(async () => {
        const { docker, address, host } = machine;
        world = await World.create(keys, { engine: { docker, address, config: { host, tls: cluster.tls } } });
      });
      after(async () => {
        await (world as World | undefined)?.remove();
      });

      async function comesBack(down: () => Promise<void>): Promise<{ seen: string; seconds: number }> {
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

      if (restarted !== undefined) {
        fault("engine", restarted, () =>
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
      }

      fault("engine", powerCut, () => comesBack(() => machine.kill()));
    });
  }
});
