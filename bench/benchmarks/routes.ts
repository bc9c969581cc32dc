/** How long a new route takes to reach Traefik while there are 500. */
import { execa } from "../../test/e2e/deployment";
import type { Benchmark, Context } from "../context";
import { until } from "../measure";

const PRESENT = 500;
const FILE = "/srv/proxy/routes.json";

/** Puts routes beside those of the hub, as the hub does: the file is replaced. */
const ADD = `
import json, os, sys, time
path, target, *names = sys.argv[1:]
with open(path) as file:
    noted = json.load(file)
for name in names:
    noted["routes"]["bench-" + name] = {"routespec": f"/user/{name}/", "target": target, "data": {}}
with open(path + ".new", "w") as file:
    json.dump(noted, file)
os.replace(path + ".new", path)
print(time.time())
`;

async function run(context: Context): Promise<void> {
  const { signal } = context;
  const stack = await context.stack();
  const { deployment } = stack;
  const alice = await stack.login("alice");
  await alice.startServer();
  const hub = `${deployment.name}-hub`;
  const inHub = (...words: string[]) => execa("docker", ["exec", hub, ...words], { stdin: "ignore" });
  const before = JSON.parse((await inHub("cat", FILE)).stdout) as {
    routes: Record<string, { routespec: string; target: string }>;
  };
  const target = Object.values(before.routes).find(({ routespec }) => routespec === "/user/alice/")?.target;
  if (target === undefined) {
    throw new Error("there is no route to alice's server");
  }
  // Her server knows no other address than her own; without a route the hub answers, and leads to the login.
  const arrives = (name: string) =>
    until(
      async () => {
        const answer = await alice.api(`user/${name}/`);
        await answer.text();
        return answer.status === 404;
      },
      { signal, every: 2 },
    );
  try {
    const names = Array.from({ length: PRESENT }, (_, at) => `present-${at}`);
    await inHub("python3", "-c", ADD, FILE, target, ...names);
    await arrives(`present-${PRESENT - 1}`);
    const taken: number[] = [];
    for (let run = 0; run < context.runs; run += 1) {
      // From when the file was there: start and end of the program that puts it there are not the route's.
      const [added, arrived] = await Promise.all([
        inHub("python3", "-c", ADD, FILE, target, `new-${run}`),
        arrives(`new-${run}`).then(() => Date.now()),
      ]);
      taken.push(arrived - 1000 * Number(added.stdout));
    }
    await context.record("route", { ours: taken });
  } finally {
    await alice.stopServer();
    // The hub writes its own routes again with the next change.
  }
}

export default { about: "a route added while there are 500", run } satisfies Benchmark;
