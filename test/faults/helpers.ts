/** Faults of what hub and Traefik need: Docker filter, routes server, firewall, egress proxy, networks and images. */
import assert from "node:assert/strict";

import type { Place } from "../../docs/reliability";
import { execa } from "../e2e/deployment";
import { Registry } from "../e2e/registry";
import { faultAtWork } from "./fault";
import type { World } from "./world";

const docker = (...args: string[]) => execa("docker", args);

/** Roles whose processes are killed, and what shows that all is well again. */
const KILLED: Readonly<
  Record<string, { readonly id: string; readonly well: (one: World) => Promise<boolean> }>
> = {
  "docker-filter": { id: "docker-filter-killed", well: (one) => one.isHealthy("docker-filter") },
  routes: { id: "routes-killed", well: (one) => one.isHealthy("routes") },
  firewall: { id: "firewall-killed", well: (one) => one.isHealthy("firewall") },
  egress: { id: "egress-killed", well: (one) => one.isHealthy("egress") },
};

export function killedHelpers(place: Place, world: () => World, roles: readonly string[]): void {
  for (const role of roles) {
    const known = KILLED[role];
    assert.ok(known, role);
    faultAtWork(place, known.id, world, async (one) => {
      const before = await one.container(role).inspect();
      await one.killProcesses(role);
      const seconds = await one.seconds(`${role} is back`, async () => {
        const { State } = await one.container(role).inspect();
        return State.StartedAt !== before.State.StartedAt && (await known.well(one));
      });
      assert.equal(await one.deployment.containerId(role), before.Id);
      await one.somebodyWorks();
      assert.equal(one.toServer.since().failed, 0);
      return { seen: "It restarted by itself. Bob started a server afterwards.", seconds };
    });
  }
}

export function helperFaults(place: Place, world: () => World): void {
  faultAtWork(place, "docker-filter-stopped", world, async (one) => {
    await one.container("docker-filter").stop({ t: 5 });
    const check = await one.deployment.hub(["check"], { ok: false });
    assert.equal(check.code, 1, check.output);
    assert.match(check.output, /docker-filter/);
    assert.ok(await one.canLogIn());
    const start = Date.now();
    await one.up();
    await one.somebodyWorks();
    const seconds = (Date.now() - start) / 1000;
    assert.equal(one.toServer.since().failed, 0);
    return { seen: "./hub check named it. ./up started it again, and bob started a server.", seconds };
  });

  faultAtWork(place, "network-disconnected", world, async (one) => {
    await docker("network", "disconnect", one.named("control"), one.named("hub"));
    const check = await one.deployment.hub(["check"], { ok: false });
    assert.equal(check.code, 1, check.output);
    const start = Date.now();
    const { output } = await one.up();
    assert.match(output, new RegExp(`container ${one.named("hub")}: networks: expected .*control`));
    await one.somebodyWorks();
    const seconds = (Date.now() - start) / 1000;
    return { seen: "./hub check failed. ./up named the network and recreated the hub.", seconds };
  });

  faultAtWork(place, "all-images-removed", world, async (one) => {
    const { stdout } = await docker("images", "--format", "{{.Repository}}:{{.Tag}}");
    const images = stdout.split("\n").filter((tag) => tag.startsWith(`${one.deployment.name}-`));
    assert.ok(images.length >= 3, stdout);
    await docker("rmi", "-f", ...images);
    const start = Date.now();
    await one.up();
    await one.somebodyWorks();
    const seconds = (Date.now() - start) / 1000;
    return {
      seen: `${images.length} images were gone. ./up rebuilt them, and bob started a server.`,
      seconds,
    };
  });

  faultAtWork(place, "containers-pruned", world, async (one) => {
    await docker("container", "prune", "-f", "--filter", `label=org.jupyterhub.stack=${one.deployment.name}`);
    assert.ok(await one.loginIsThere());
    const start = Date.now();
    await one.up();
    const seconds = (Date.now() - start) / 1000;
    await one.somebodyWorks();
    return { seen: "Everything went on. ./up had no error.", seconds };
  });
}

export function handFaults(place: Place, world: () => World): void {
  faultAtWork(place, "changed-by-hand", world, async (one) => {
    await docker("stop", "-t", "1", one.named("routes"));
    await docker("update", "--memory", "100m", "--memory-swap", "100m", one.named("docker-filter"));
    const preview = await one.deployment.up(["--preview"]);
    for (const told of [
      `container ${one.named("routes")}: it is stopped`,
      "memory: expected 256 MiB, got 100 MiB",
    ]) {
      assert.ok(preview.output.includes(told), preview.output);
    }
    const start = Date.now();
    await one.up();
    const seconds = (Date.now() - start) / 1000;
    await one.deployment.up(["--expect-no-changes"]);
    return { seen: "The preview named both with their fields, and ./up corrected them.", seconds };
  });

  faultAtWork(place, "notebook-image-removed", world, async (one) => {
    const image = one.named("notebook");
    await docker("rmi", "-f", `${image}:source`, `${image}:current`);
    const start = Date.now();
    const { output } = await one.up();
    assert.match(output, new RegExp(`image ${image}:current: it is gone\\. It will be rebuilt`));
    await one.somebodyWorks();
    const seconds = (Date.now() - start) / 1000;
    return { seen: "./up named the image and rebuilt it, and bob started a server.", seconds };
  });
}

export function registryFaults(place: Place, world: () => World): void {
  faultAtWork(place, "registry-unreachable", world, async (one) => {
    const registry = await Registry.start();
    const pull = (name: string) => ({
      notebook: { image: { kind: "pull", name }, limits: { memory: "512m" } },
    });
    let stopped = false;
    try {
      const image = await registry.push(one.docker, `${one.named("notebook")}:current`);
      await one.up(pull(image));
      await registry.stop();
      stopped = true;
      await one.somebodyWorks();
      const hub = await one.deployment.containerId("hub");
      const start = Date.now();
      const unknown = image.replace(/[0-9a-f]{64}$/, "0".repeat(64));
      const { code, output } = await one.up(pull(unknown), false);
      const seconds = (Date.now() - start) / 1000;
      assert.notEqual(code, 0);
      assert.ok(output.includes(unknown), output);
      assert.equal(await one.deployment.containerId("hub"), hub);
      await one.up({});
      return {
        seen: "Bob started a server. ./up failed with the image's name and replaced nothing.",
        seconds,
      };
    } finally {
      await (stopped ? Promise.resolve() : registry.stop());
    }
  });
}
