/** The Docker host goes down and comes back: an engine of the test's own, with all that runs on it. */
import assert from "node:assert/strict";

import { Deployment } from "../e2e/deployment";
import type { Machine } from "../swarm/cluster";
import { Cluster } from "../swarm/cluster";
import { fault } from "./fault";
import { kill, processes } from "./processes";
import { upWith } from "./updates";
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

  describe("in the middle of a first ./up", () => {
    let deployment: Deployment;

    before(async () => {
      const { docker, address, host } = machine;
      const engine = { docker, address, config: { host, tls: cluster.tls } };
      deployment = await Deployment.create({}, { installed: true, engine });
    });
    after(async () => {
      await (deployment as Deployment | undefined)?.remove();
    });

    fault("engine", "first-update-without-engine", async () => {
      for (const point of ["notebook-image-settings creating", "hub-container creating"]) {
        const { code, errors } = await upWith(deployment, point, () => machine.kill());
        await machine.start();
        assert.equal(code, 1, errors);
        assert.match(
          errors,
          /(^|\n)The update failed:\n {2}Docker Engine: tcp:\S+ does not answer any more \(.*\)\.\n {2}Start it again, .*\.\/up e2e-\w+$/,
        );
      }
      const start = Date.now();
      await deployment.up();
      const seconds = (Date.now() - start) / 1000;
      await deployment.up(["--expect-no-changes"]);
      return {
        seen: "./up said that the engine is away, and how to go on. The next one completed it.",
        seconds,
      };
    });
  });
});
