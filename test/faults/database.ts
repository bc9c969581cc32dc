/** Faults of the hub's database. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Place } from "../../docs/reliability";
import { faultAtWork } from "./fault";
import type { World } from "./world";

/** Seconds that PostgreSQL is away. */
const ABSENCE = 60;

/** A dump is restored while alice gets tokens; `isWhole` looks at the database after that. */
function restored(
  place: Place,
  id: string,
  world: () => World,
  isWhole: (one: World) => Promise<string>,
): void {
  faultAtWork(place, id, world, async (one) => {
    await one.up({});
    const file = join(one.deployment.folder, ".state", "hub.dump");
    await rm(file, { force: true });
    await one.deployment.hub(["database", "dump", file]);
    const writing = { done: false, written: 0 };
    const writes = (async () => {
      while (!writing.done) {
        const made = await one.alice
          .api("hub/api/users/alice/tokens", { method: "POST", body: JSON.stringify({ expires_in: 600 }) })
          .catch(() => undefined);
        writing.written += made?.status === 201 ? 1 : 0;
        await made?.text().catch(() => undefined);
      }
    })();
    const start = Date.now();
    await one.deployment.hub(["database", "restore", file]);
    const seconds = (Date.now() - start) / 1000;
    writing.done = true;
    await writes;
    assert.ok(writing.written > 0, "nothing was written meanwhile");
    const whole = await isWhole(one);
    assert.equal((await one.alice.api("hub/api/users/alice")).status, 200, "alice's token is gone");
    assert.ok(await one.canLogIn());
    const seen = `${writing.written} tokens were written meanwhile. ${whole}Users and tokens were there.`;
    return { seen, seconds };
  });
}

/** After a database was lost, and the hub made an empty one. */
async function isAdopted(one: World): Promise<string> {
  assert.match(await one.log("hub"), /Adopted server \S+-user-alice of alice/);
  await one.aliceLogsInAgain();
  await one.somebodyWorks();
  return "Alice's server was adopted: she logged in again and went on with her kernel. Bob's first start worked.";
}

export function sqliteFaults(place: Place, world: () => World): void {
  restored(place, "database-restored", world, async (one) => {
    const integrity =
      "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite').execute('pragma integrity_check').fetchone()[0])";
    assert.equal(await one.inside("hub", "python", "-c", integrity), "ok");
    return "The integrity check passed. ";
  });

  faultAtWork(
    place,
    "database-lost",
    world,
    async (one) => {
      await one.inside("hub", "sh", "-c", "rm /srv/jupyterhub/jupyterhub.sqlite*");
      const start = Date.now();
      await one.container("hub").restart({ t: 20 });
      await one.seconds("bob can log in", () => one.canLogIn());
      const seconds = (Date.now() - start) / 1000;
      return { seen: await isAdopted(one), seconds };
    },
    { holds: false },
  );
}

export function postgresFaults(place: Place, world: () => World): void {
  faultAtWork(place, "postgres-killed", world, async (one) => {
    await one.killProcesses("database");
    const seconds = await one.seconds("bob can log in", () => one.canLogIn());
    await one.somebodyWorks();
    return { seen: "It restarted by itself, and bob logged in and started a server.", seconds };
  });

  faultAtWork(place, "postgres-away", world, async (one) => {
    await one.container("database").stop({ t: 30 });
    await new Promise((resolve) => setTimeout(resolve, ABSENCE * 1000));
    await one.container("database").start();
    const seconds = await one.seconds("bob can log in", () => one.canLogIn());
    await one.somebodyWorks();
    return { seen: "Bob logged in and started a server afterwards.", seconds };
  });
  restored(place, "postgres-restored", world, () => Promise.resolve(""));
}

/** Everybody has to log in again after it: the last of a stack's faults. */
export function postgresLost(place: Place, world: () => World): void {
  faultAtWork(
    place,
    "postgres-lost",
    world,
    async (one) => {
      await one.up({});
      const volume = one.named("database-data");
      await one.container("database").remove({ force: true });
      await one.docker.getVolume(volume).remove();
      const { output } = await one.deployment.up(["--preview"]);
      assert.ok(
        output.includes(`volume ${volume}: it is gone, with all that was in it. It will be recreated.`),
        output,
      );
      const start = Date.now();
      const { output: told } = await one.up();
      // The hub that ran had made its tables in the database that is gone.
      assert.ok(
        told.includes(`container ${one.named("hub")}: its database starts empty: the volume ${volume}`),
        told,
      );
      await one.seconds("bob can log in", () => one.canLogIn());
      const seconds = (Date.now() - start) / 1000;
      const adopted = await isAdopted(one);
      await one.deployment.up(["--expect-no-changes"]);
      return {
        seen: `The preview named the volume. ./up created it again, and recreated the hub. ${adopted}`,
        seconds,
      };
    },
    { holds: false },
  );
}
