import { randomInt } from "node:crypto";

import { administration } from "./administration";
import { postgresFaults, postgresLost } from "./database";
import { faultAtWork } from "./fault";
import { handFaults, killedHelpers, registryFaults } from "./helpers";
import { awayFaults, hubFaults, proxyFaults, updates } from "./hub-and-proxy";
import { removedByHand } from "./removed";
import { serverFaults } from "./servers";
import { lostServers } from "./starts";
import { killAt, random, somewhere } from "./updates";
import { World } from "./world";

const seed = Number(process.env["SEED"] ?? randomInt(100_000));
const POINTS = 4;

describe("faults in a lockdown", function () {
  this.timeout(900_000);

  let world: World;
  before(async () => {
    world = await World.create({
      variant: "lockdown",
      egress: { allow: [{ host: "example.org" }] },
      database: { kind: "postgres" },
    });
  });
  after(async () => {
    await (world as World | undefined)?.remove();
  });

  hubFaults("lockdown", () => world);
  awayFaults("lockdown", () => world);
  proxyFaults("lockdown", () => world);
  killedHelpers("lockdown", () => world, ["docker-filter", "routes", "firewall", "egress"]);
  handFaults("lockdown", () => world);
  removedByHand("lockdown", () => world);
  serverFaults("lockdown", () => world);
  lostServers("lockdown", () => world);
  updates("lockdown", () => world);
  registryFaults("lockdown", () => world);
  administration("lockdown", () => world);
  postgresFaults("lockdown", () => world);

  const kind = {
    id: "update-of-egress-killed",
    keys: (turn: number) => ({ egress: { allow: [{ host: `${turn}.example.org` }] } }),
  };
  faultAtWork(
    "lockdown",
    kind.id,
    () => world,
    (one) => {
      console.log(`      the same points again: SEED=${seed}`);
      return killAt(one, kind, somewhere(random(seed), POINTS));
    },
  );

  postgresLost("lockdown", () => world);
});
