import { postgresFaults } from "./database";
import { killedHelpers } from "./helpers";
import { awayFaults, hubFaults, proxyFaults } from "./hub-and-proxy";
import { World } from "./world";

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
  postgresFaults("lockdown", () => world);
});
