/** What goes wrong while an administrator changes something. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Place } from "../../docs/reliability";
import { faultAtWork } from "./fault";
import type { World } from "./world";

/** Ids of the stack's own containers, by role. */
async function ids(one: World): Promise<Record<string, string>> {
  const roles = ["hub", "proxy", "docker-filter", "routes", "firewall"];
  return Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await one.deployment.containerId(role)] as const)),
  );
}

export function administration(place: Place, world: () => World): void {
  faultAtWork(place, "two-at-once", world, async (one) => {
    await one.configure({ hub: { announcement: { all: "Two at once" } } });
    const start = Date.now();
    const both = await Promise.all([
      one.deployment.up([], { ok: false }),
      one.deployment.up([], { ok: false }),
    ]);
    const seconds = (Date.now() - start) / 1000;
    const refused = both.filter(({ code }) => code !== 0);
    assert.equal(refused.length, 1, both.map(({ output }) => output).join("\n---\n"));
    assert.match(refused[0]?.output ?? "", /is changing it\. Wait until it has finished|locked/);
    await one.deployment.up(["--expect-no-changes"]);
    return { seen: "One was refused with the reason, the other made the change.", seconds };
  });

  faultAtWork(place, "bad-configuration", world, async (one) => {
    const before = await ids(one);
    const start = Date.now();
    const { code, output } = await one.up({ hub: { announcment: { all: "x" } } }, false);
    const seconds = (Date.now() - start) / 1000;
    assert.notEqual(code, 0);
    assert.match(output, /hub\.announcment/);
    assert.deepEqual(await ids(one), before);
    assert.equal(one.toLogin.since().failed, 0);
    await one.configure({});
    return { seen: "It was refused with the key and the nearest known one. The hub went on.", seconds };
  });

  faultAtWork(place, "bad-hub", world, async (one) => {
    await one.up({});
    const before = await ids(one);
    await writeFile(join(one.deployment.folder, "bad.py"), 'raise RuntimeError("bad day")\n');
    one.toLogin.mark();
    const start = Date.now();
    const { code, output } = await one.up({ hub: { extraConfig: { kind: "file", path: "bad.py" } } }, false);
    const seconds = (Date.now() - start) / 1000;
    const { failed } = one.toLogin.since();
    assert.notEqual(code, 0);
    assert.match(output, /bad day/);
    assert.equal((await ids(one))["hub"], before["hub"]);
    assert.equal(failed, 0, `${failed} requests to the login page failed`);
    await one.up({});
    return { seen: "./up failed with the error of the extra configuration. No login page failed.", seconds };
  });

  faultAtWork(place, "password-rotated", world, async (one) => {
    await one.up({});
    const before = await ids(one);
    const password = await one.deployment.output("userPassword");
    const start = Date.now();
    await one.deployment.up(["--replace", "**credentials-user-password"]);
    const seconds = (Date.now() - start) / 1000;
    assert.notEqual(await one.deployment.output("userPassword"), password);
    const after = await ids(one);
    const replaced = Object.keys(before).filter((role) => before[role] !== after[role]);
    assert.deepEqual(replaced, ["hub"]);
    assert.ok(await one.canLogIn());
    return { seen: "The hub alone was replaced, and the new password works.", seconds };
  });

  faultAtWork(
    place,
    "state-lost",
    world,
    async (one) => {
      await one.up({});
      const password = await one.deployment.output("userPassword");
      await rm(join(one.deployment.folder, ".state"), { recursive: true });
      const { code, output } = await one.deployment.up([], { ok: false });
      assert.notEqual(code, 0);
      assert.match(output, /--take-over/);
      const start = Date.now();
      await one.deployment.up(["--take-over"]);
      const seconds = (Date.now() - start) / 1000;
      assert.equal(await one.deployment.output("userPassword"), password);
      await one.aliceTrustsNewAuthority();
      await one.somebodyWorks();
      return {
        seen: "./up said so and refused. With --take-over it kept the same passwords.",
        seconds,
      };
    },
    // The authority's key was in the state alone, so Traefik gets another certificate.
    { holds: false },
  );
}
