/** Servers that do not start, and servers that are lost: what their people read, and what administrators find. */
import assert from "node:assert/strict";

import type { Place } from "../../docs/reliability";
import { execa } from "../e2e/deployment";
import { faultAtWork } from "./fault";
import { withBob } from "./servers";
import { type Keys, logIn, type World } from "./world";

/** Profiles that cannot work, and a folder that is not there, for carol alone. */
const NOT_WORKING: Keys = {
  auth: { kind: "shared-password", users: ["alice", "bob", "carol"], admins: ["admin"] },
  servers: { startTimeout: "4m", httpTimeout: "10s" },
  notebook: {
    limits: { memory: "512m" },
    profiles: [
      { name: "Usual", default: true },
      { name: "Silent", command: ["sleep", "600"] },
      { name: "Mistyped", command: ["jupyterhub-singeluser"] },
      { name: "Removed", image: { kind: "packages", pip: ["cowsay==6.1"] } },
    ],
  },
  groups: { astray: { members: ["carol"] } },
  storage: {
    volumes: {
      astray: {
        ...{ mountPath: "/astray", groups: ["astray"] },
        options: { type: "none", o: "bind", device: "/nonexistent/astray" },
      },
    },
  },
};

interface Refused {
  readonly user: string;
  readonly profile?: string;
  /** What the person reads. */
  readonly reason: string;
  /** What an administrator reads. */
  readonly detail: RegExp;
}

/** Somebody asks for a server in vain. Returns how long it took until the reason was on the page. */
export async function isRefused(one: World, { user, profile, reason, detail }: Refused): Promise<number> {
  const client = await logIn(one.deployment, user);
  try {
    const begun = Date.now();
    const body = JSON.stringify(profile === undefined ? {} : { profile });
    const asked = await client.api(`hub/api/users/${user}/server`, { method: "POST", body });
    await asked.text();
    await one.seconds(`${user} reads "${reason}"`, async () =>
      (await client.visit("hub/home")).text.includes(reason),
    );
    const seconds = (Date.now() - begun) / 1000;
    assert.match((await one.deployment.hub(["logs", user])).output, detail);
    const { containers } = await one.deployment.objects();
    assert.ok(!containers.includes(one.named(`user-${user}`)), "the container was left");
    return seconds;
  } finally {
    // Where it did start, that is the test's failure, and no other's.
    await client.stopServer().catch(() => undefined);
    await client.close();
  }
}

const told = (reason: string) => `The page said: "${reason}" ./hub logs had it in full.`;

/** Wants more memory than there is left, and has the server be what the kernel of Linux ends for it. */
const KILL_SERVER = `
import glob, os
for path in glob.glob("/proc/[0-9]*"):
    words = open(path + "/cmdline").read()
    if "jupyterhub-singleuser" in words and "docker-init" not in words:
        open(path + "/oom_score_adj", "w").write("1000")
hog = b"1" * int(os.environ["MEM_LIMIT"])
`;

export function startFaults(place: Place, world: () => World): void {
  const refused: readonly (Refused & {
    readonly id: string;
    readonly cause?: (one: World) => Promise<unknown>;
  })[] = [
    {
      id: "start-without-answer",
      ...{ user: "bob", profile: "silent" },
      reason: "Your server started but did not answer within 10 s.",
      detail: /^bob's server did not start at .*no answer within 10 s \(servers\.httpTimeout\)/m,
    },
    {
      id: "start-without-program",
      ...{ user: "bob", profile: "mistyped" },
      reason: "The image of your server does not have the program that starts it.",
      detail: /^bob's server did not start at .*jupyterhub-singeluser.*notebook\.command/m,
    },
    {
      id: "start-without-folder",
      user: "carol",
      reason: "A folder of your server could not be mounted.",
      detail: /^carol's server did not start at .*\/nonexistent\/astray.*storage in the stack file/m,
    },
    {
      id: "start-without-image",
      ...{ user: "bob", profile: "removed" },
      reason: "The image that your server is started from is missing.",
      detail: /^bob's server did not start at .*Build or pull it again: \.\/up /m,
      cause: (one) => execa("docker", ["rmi", "-f", `${one.named("notebook-removed")}:current`]),
    },
  ];
  for (const { id, cause, ...one } of refused) {
    faultAtWork(place, id, world, async (there) => {
      await there.up(NOT_WORKING);
      await cause?.(there);
      const seconds = await isRefused(there, one);
      assert.equal(there.toServer.since().failed, 0);
      return { seen: told(one.reason), seconds };
    });
  }
}

export function lostServers(place: Place, world: () => World): void {
  const lost: readonly {
    readonly id: string;
    readonly reason: string;
    readonly detail: RegExp;
    readonly cause: (container: string) => Promise<unknown>;
  }[] = [
    {
      id: "server-killed-for-memory",
      reason: "Your server was killed because it used all of its memory (512 MiB).",
      detail: /^bob's server ended at .*killed for memory: the limit \(512 MiB\) was reached \(OOMKilled/m,
      // What asks for the memory ends with the container.
      cause: (container) =>
        execa("docker", ["exec", container, "python3", "-c", KILL_SERVER], { reject: false }),
    },
    {
      id: "server-removed",
      reason: "Your server is gone: its container was removed.",
      detail: /^bob's server ended at .*its container was removed by somebody else than the hub/m,
      cause: (container) => execa("docker", ["rm", "-f", container]),
    },
  ];
  for (const { id, reason, detail, cause } of lost) {
    faultAtWork(place, id, world, async (one) => {
      await one.up({});
      return withBob(one, async ({ client, kernel }) => {
        await kernel.run("open('lost.txt', 'w').write('kept')");
        kernel.leave();
        await cause(one.named("user-bob"));
        const seconds = await one.seconds("bob reads the reason", async () =>
          (await client.visit("hub/home")).text.includes(reason),
        );
        assert.match((await one.deployment.hub(["logs", "bob"])).output, detail);
        await client.startServer(240_000);
        const kept = await client.api("user/bob/api/contents/lost.txt");
        assert.equal(((await kept.json()) as { content: string }).content, "kept");
        assert.equal(one.toServer.since().failed, 0);
        return { seen: `${told(reason)} Bob started it again and had his file.`, seconds };
      });
    });
  }
}
