import { administration } from "./administration";
import { sqliteFaults } from "./database";
import { handFaults, helperFaults, killedHelpers, registryFaults } from "./helpers";
import { awayFaults, hubFaults, proxyFaults, updates } from "./hub-and-proxy";
import { removedByHand } from "./removed";
import { serverFaults } from "./servers";
import { lostServers, startFaults } from "./starts";
import { World } from "./world";

describe("faults on a single host", function () {
  this.timeout(900_000);

  let world: World;
  before(async () => {
    world = await World.create();
  });
  after(async () => {
    await (world as World | undefined)?.remove();
  });

  hubFaults("single-host", () => world);
  awayFaults("single-host", () => world);
  proxyFaults("single-host", () => world);
  killedHelpers("single-host", () => world, ["docker-filter", "routes", "firewall"]);
  helperFaults("single-host", () => world);
  handFaults("single-host", () => world);
  removedByHand("single-host", () => world);
  serverFaults("single-host", () => world);
  startFaults("single-host", () => world);
  lostServers("single-host", () => world);
  updates("single-host", () => world);
  registryFaults("single-host", () => world);
  sqliteFaults("single-host", () => world);
  administration("single-host", () => world);
});
