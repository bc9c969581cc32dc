/** The start of a notebook server: of its image alone, from a click, and of twenty at once. */
import type { HubClient } from "../../test/e2e/hub-client";
import { type Benchmark, type Context, crowd } from "../context";
import { pairs, seconds, until } from "../measure";
import { SingleUserServers, starts } from "../single-user";

/** As a person does: a click, and the first answer of the server at its address. */
async function click(person: HubClient, signal: AbortSignal): Promise<void> {
  const started = await person.api(`hub/api/users/${person.path}/server`, { method: "POST" });
  await started.text();
  if (![201, 202].includes(started.status)) {
    throw new Error(`the start of ${person.user} was answered with ${started.status}`);
  }
  await until(
    async () => {
      const answer = await person.api(`user/${person.path}/api/status`);
      await answer.text();
      return answer.status === 200;
    },
    { signal, seconds: 300 },
  );
}

async function run(context: Context): Promise<void> {
  const { runs, signal } = context;
  const stack = await context.stack();
  const servers = await SingleUserServers.create(stack.deployment, signal);
  context.later(() => {
    servers.close();
  });
  const image = await pairs(
    runs,
    signal,
    () => servers.time(starts.image),
    () => servers.time(starts.plain),
  );
  await context.recordTimes("notebook", image);

  const alice = await stack.login("alice");
  const clicks = await pairs(
    runs,
    signal,
    () => seconds(() => click(alice, signal)),
    () => servers.time(starts.image).then(({ clock }) => clock),
    async (side) => {
      if (side === "ours") {
        await alice.stopServer();
      }
    },
  );
  await context.record("click", clicks);

  const people: HubClient[] = [];
  for (const user of crowd) {
    people.push(await stack.login(user));
  }
  const all = <T>(work: (person: HubClient) => Promise<T>) => Promise.all(people.map(work));
  // Each is a minute of a small machine: three pairs, of which the first counts, too.
  const together = { ours: [] as number[], peer: [] as number[] };
  for (let pair = 0; pair < Math.min(runs, 3); pair += 1) {
    signal.throwIfAborted();
    together.ours.push(await seconds(() => all((person) => click(person, signal))));
    await all((person) => person.stopServer(120_000));
    together.peer.push(await seconds(() => all(() => servers.time(starts.plain))));
  }
  await context.record("crowd", together);
}

export default { about: "the start of notebook servers, against bare containers", run } satisfies Benchmark;
