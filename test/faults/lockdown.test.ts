import { hubFaults, proxyFaults } from "./hub-and-proxy";
import { World } from "./world";

describe("faults in a lockdown", function () {
  this.timeout(900_000);

  let world: World;
  before(async () => {
    world = await World.create({ variant: "lockdown", egress: { allow: [{ host: "example.org" }] } });
  });
  after(async () => {
    await (world as World | undefined)?.remove();
  });

  hubFaults("lockdown", () => world);
  proxyFaults("lockdown", () => world);
});
