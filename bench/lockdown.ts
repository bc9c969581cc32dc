/**
 * `npm run bench:lockdown`: what a lockdown costs, each figure beside `single-host` in the same run.
 *
 * - 200 requests to a notebook server, one after the other: at most 5 % slower;
 * - a spawn, from the click to the answering server: at most 0.3 s slower.
 *
 * Prints one line each and fails when a bound is broken. RUNS sets the counted pairs of spawns (default 5); there are four
 * times as many of requests.
 */
import { Deployment } from "../test/e2e/deployment";
import { HubClient } from "../test/e2e/hub-client";
import { end, line, pair } from "./measure";

const runs = Number(process.env["RUNS"] ?? 5);
const REQUESTS = 200;

async function login(deployment: Deployment): Promise<HubClient> {
  const alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
  if (!(await alice.login(await deployment.output("userPassword")))) {
    throw new Error("alice could not log in");
  }
  return alice;
}

async function requests(alice: HubClient): Promise<void> {
  for (let count = 0; count < REQUESTS; count += 1) {
    const answer = await alice.api("user/alice/api/status");
    await answer.text();
    if (answer.status !== 200) {
      throw new Error(`answer ${answer.status}`);
    }
  }
}

async function main(): Promise<boolean> {
  const deployments: Deployment[] = [];
  const people: HubClient[] = [];
  try {
    for (const variant of ["lockdown", "single-host"]) {
      const deployment = await Deployment.create({ variant, network: { selfCheck: false } });
      deployments.push(deployment);
      await deployment.up();
      people.push(await login(deployment));
    }
    const [closed, open] = people as [HubClient, HubClient];
    let running = closed;
    const start = (one: HubClient) => () => {
      running = one;
      return one.startServer();
    };
    const results = [
      line(
        "a spawn in a lockdown, against single-host",
        await pair(runs, start(closed), start(open), () => running.stopServer()),
        { seconds: 0.3 },
      ),
    ];
    for (const one of [closed, open]) {
      await one.startServer();
    }
    results.push(
      line(
        `${REQUESTS} requests to a notebook in a lockdown, against single-host`,
        await pair(
          // They are short: a machine that does other things, too, shows in a few of them.
          runs * 4,
          () => requests(closed),
          () => requests(open),
        ),
        { ratio: 1.05 },
      ),
    );
    for (const { text } of results) {
      console.log(text);
    }
    return results.every(({ kept }) => kept);
  } finally {
    for (const one of people) {
      await one.close();
    }
    for (const deployment of deployments) {
      await deployment.up(["--destroy"], { ok: false });
      await deployment.remove();
    }
  }
}

end(main());
