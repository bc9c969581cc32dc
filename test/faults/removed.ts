/** Containers and networks of the stack that somebody removes by hand. */
import assert from "node:assert/strict";

import type { Place } from "../../docs/reliability";
import { execa } from "../e2e/deployment";
import { faultAtWork } from "./fault";
import type { World } from "./world";

const docker = (...args: string[]) => execa("docker", args);

/** `./hub check` fails, the preview names what is gone, and `./up` makes it again. Returns how long that took. */
async function isRecreated(one: World, ...told: readonly string[]): Promise<number> {
  const check = await one.deployment.hub(["check"], { ok: false });
  assert.equal(check.code, 1, check.output);
  const { output } = await one.deployment.up(["--preview"]);
  for (const text of told) {
    assert.ok(output.includes(`warning: ${text}`), `${text}\n${output}`);
  }
  const start = Date.now();
  await one.up();
  const seconds = (Date.now() - start) / 1000;
  assert.equal((await one.alice.visit("hub/home")).status, 200, "alice is logged out");
  await one.somebodyWorks();
  await one.deployment.up(["--expect-no-changes"]);
  return seconds;
}

export function removedByHand(place: Place, world: () => World): void {
  faultAtWork(place, "hub-removed", world, async (one) => {
    await docker("rm", "-f", one.named("hub"));
    const seconds = await isRecreated(one, `container ${one.named("hub")}: it is gone.`);
    assert.equal(one.toServer.since().failed, 0);
    return {
      seen: "./hub check failed, the preview named it, and ./up recreated it. Alice was still logged in.",
      seconds,
    };
  });

  faultAtWork(
    place,
    "proxy-removed",
    world,
    async (one) => {
      await docker("rm", "-f", one.named("proxy"));
      const seconds = await isRecreated(one, `container ${one.named("proxy")}: it is gone.`);
      return {
        seen: "./hub check failed, the preview named it, and ./up recreated it, with the routes.",
        seconds,
      };
    },
    { holds: false },
  );

  faultAtWork(
    place,
    "network-removed",
    world,
    async (one) => {
      const network = one.named("notebooks");
      const { Containers } = (await one.docker.getNetwork(network).inspect()) as {
        Containers: Record<string, { Name: string }>;
      };
      for (const { Name } of Object.values(Containers)) {
        await docker("network", "disconnect", "--force", network, Name);
      }
      await docker("network", "rm", network);
      const seconds = await isRecreated(
        one,
        `network ${network}: it is gone. It will be recreated.`,
        `server of alice (container ${one.named("user-alice")}): networks: expected ${network}, got none.`,
      );
      return {
        seen: "The preview named the network and alice's server. ./up created it again, and connected her server while it ran.",
        seconds,
      };
    },
    { holds: false, loses: true },
  );
}
