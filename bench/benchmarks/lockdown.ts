/** What a lockdown costs, against a single host. */
import type { HubClient } from "../../test/e2e/hub-client";
import type { Benchmark, Context } from "../context";
import { pairs, seconds } from "../measure";

const REQUESTS = 200;

async function requests(person: HubClient): Promise<void> {
  for (let count = 0; count < REQUESTS; count += 1) {
    const answer = await person.api("user/alice/api/status");
    await answer.text();
    if (answer.status !== 200) {
      throw new Error(`answer ${answer.status}`);
    }
  }
}

async function run(context: Context): Promise<void> {
  const { runs, signal } = context;
  const open = await (await context.stack()).login("alice");
  const stack = await context.makeStack({ variant: "lockdown", network: { selfCheck: false } });
  const closed = await stack.login("alice");
  const people = { ours: closed, peer: open };
  const start = (person: HubClient) => () => seconds(() => person.startServer());
  await context.record(
    "lockdown-start",
    await pairs(runs, signal, start(closed), start(open), (side) => people[side].stopServer()),
  );
  await Promise.all([closed.startServer(), open.startServer()]);
  const ask = (person: HubClient) => () => seconds(() => requests(person));
  // They are short: a machine that does other things, too, shows in a few of them.
  await context.record("lockdown-requests", await pairs(runs * 4, signal, ask(closed), ask(open)));
  await Promise.all([closed.stopServer(), open.stopServer()]);
}

export default { about: "a lockdown, against a single host", run } satisfies Benchmark;
