import { hubFaults, proxyFaults, updates } from "./hub-and-proxy";
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
  proxyFaults("single-host", () => world);
  updates("single-host", () => world);
});
