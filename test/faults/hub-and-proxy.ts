/** Faults of the hub and of Traefik, the same on one host and in a lockdown. */
import assert from "node:assert/strict";

import type { Place } from "../../docs/reliability";
import { certificateOf } from "../e2e/tls-client";
import { busyness, faultAtWork } from "./fault";
import type { World } from "./world";

/** Within how many seconds people can log in again after a crash of the hub, where nothing else keeps the machine busy. */
const HUB_BACK = 30;

/** Seconds of the long absence. */
const ABSENCE = 120;

const login = (seconds: number) => `Logins worked again after ${seconds.toFixed(1)} s.`;

export function hubFaults(place: Place, world: () => World): void {
  faultAtWork(place, "hub-killed", world, async (one) => {
    const before = await one.deployment.containerId("hub");
    await one.killProcesses("hub");
    const seconds = await one.seconds("bob can log in", () => one.canLogIn());
    assert.ok(seconds < HUB_BACK * busyness(), `the hub took ${seconds} s`);
    assert.equal(await one.deployment.containerId("hub"), before);
    return { seen: login(seconds), seconds };
  });

  faultAtWork(place, "hub-down", world, async (one) => {
    await one.container("hub").stop({ t: 20 });
    await new Promise((resolve) => setTimeout(resolve, ABSENCE * 1000));
    await one.container("hub").start();
    const seconds = await one.seconds("bob can log in", () => one.canLogIn());
    const answer = await one.alice.api("hub/api/users/alice");
    const { servers } = (await answer.json()) as { servers: Record<string, { ready: boolean }> };
    assert.equal(servers[""]?.ready, true, "the hub does not know alice's server");
    assert.equal(one.toServer.since().failed, 0);
    return { seen: `${login(seconds)} Her server is known.`, seconds };
  });
}

/** What a browser says of a page load. */
const PAGE_LOAD = { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", accept: "text/html" };

/** Seconds until somebody sees what is going on. */
const TOLD = 3;

export function awayFaults(place: Place, world: () => World): void {
  faultAtWork(place, "hub-away-page", world, async (one) => {
    await one.container("hub").stop({ t: 20 });
    const start = Date.now();
    const page = await one.alice.visit("hub/home", { headers: PAGE_LOAD });
    const told = (Date.now() - start) / 1000;
    const program = await one.alice.visit("hub/home", { headers: { accept: "application/json" } });
    await one.container("hub").start();
    const seconds = await one.seconds("the hub's page is back", async () => {
      return (await one.alice.visit("hub/home", { headers: PAGE_LOAD })).status === 200;
    });
    assert.equal(page.status, 503, page.text);
    assert.match(page.text, /JupyterHub is not available right now/);
    assert.ok(told < TOLD * busyness(), `${told} s`);
    assert.ok([502, 504].includes(program.status), String(program.status));
    const seen = `The page came within ${told.toFixed(1)} s. A program got status ${program.status}.`;
    return { seen, seconds };
  });
}

export function proxyFaults(place: Place, world: () => World): void {
  faultAtWork(
    place,
    "proxy-killed-without-hub",
    world,
    async (one) => {
      await one.container("hub").stop({ t: 20 });
      try {
        const before = await one.deployment.containerId("proxy");
        await one.killProcesses("proxy");
        const seconds = await one.seconds("alice's server answers", one.serverIsThere);
        assert.equal(await one.deployment.containerId("proxy"), before);
        return { seen: `Her server answered again after ${seconds.toFixed(1)} s, without a hub.`, seconds };
      } finally {
        await one.container("hub").start();
        await one.seconds("bob can log in", () => one.canLogIn());
      }
    },
    { holds: false },
  );
}

export function updates(place: Place, world: () => World): void {
  faultAtWork(place, "hub-replaced", world, async (one) => {
    const before = await one.deployment.containerId("hub");
    const start = Date.now();
    await one.up({ hub: { logLevel: "DEBUG" } });
    const seconds = (Date.now() - start) / 1000;
    assert.notEqual(await one.deployment.containerId("hub"), before, "the hub was not replaced");
    assert.equal(one.toServer.since().failed, 0);
    const { away } = one.toLogin.since();
    return { seen: `The login page was away for ${away.toFixed(1)} s, notebooks were not.`, seconds };
  });

  faultAtWork(place, "certificate-renewed", world, async (one) => {
    const serial = async () => (await certificateOf(one.deployment.ports.https, "localhost")).serialNumber;
    const before = await serial();
    const start = Date.now();
    await one.up({ ...one.keys, tls: { kind: "self-signed", days: 300 } });
    const served = await one.seconds(
      "the new certificate is served",
      async () => (await serial()) !== before,
    );
    const seconds = (Date.now() - start) / 1000;
    assert.ok(served < 10);
    return { seen: "The new serial number was served.", seconds };
  });
}
