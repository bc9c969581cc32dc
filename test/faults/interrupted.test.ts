/** `SEED=…` tries the points of an earlier run again, `POINTS=…` another number of them. */
import { randomInt } from "node:crypto";

import { freePorts } from "../e2e/deployment";
import { faultAtWork } from "./fault";
import { killAt, type Kind, random, somewhere } from "./updates";
import { World } from "./world";

const seed = Number(process.env["SEED"] ?? randomInt(100_000));
const total = Number(process.env["POINTS"] ?? (process.env["FAULTS"] === "gate" ? 2 : 30));

const limits = { memory: "512m" };

describe("updates that are killed at random points", function () {
  this.timeout(1_800_000);

  let world: World;
  let ports: readonly number[];
  const next = random(seed);

  before(async () => {
    console.log(`    the same points again: SEED=${seed}`);
    world = await World.create();
    ports = await freePorts(2);
  });
  after(async () => {
    await (world as World | undefined)?.remove();
  });

  const kinds: readonly Kind[] = [
    {
      id: "update-of-hub-killed",
      keys: (turn) => ({ servers: { concurrentSpawnLimit: 50 + turn } }),
    },
    {
      id: "update-of-proxy-killed",
      keys: (turn) => ({
        ports: { https: world.deployment.ports.https, http: ports[turn], address: "127.0.0.1" },
      }),
    },
    {
      id: "update-of-image-killed",
      keys: (turn) => ({
        notebook: { limits, ...(turn === 1 ? { image: { kind: "packages", pip: ["cowsay==6.1"] } } : {}) },
      }),
    },
    {
      id: "update-of-firewall-killed",
      keys: (turn) => ({ network: { allow: [{ to: "10.99.0.0/16", ports: [8000 + turn] }] } }),
    },
  ];
  const gate = process.env["FAULTS"] === "gate";
  for (const [index, kind] of kinds.entries()) {
    // Of 30 points: 8, 8, 7, 7. The gate has the hub's only.
    const count = gate ? total : Math.ceil((total - index) / kinds.length);
    // Now, so that a kind has the same points in a run of it alone.
    const planned = somewhere(next, count);
    faultAtWork(
      "single-host",
      kind.id,
      () => world,
      (one) => killAt(one, kind, planned),
      // Where the proxy is replaced, what goes through it is cut.
      { holds: kind.id !== "update-of-proxy-killed" },
    );
  }
});
