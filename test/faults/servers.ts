/** Faults of somebody's notebook server, which must not disturb anybody else. */
import assert from "node:assert/strict";

import type { Place } from "../../docs/reliability";
import { RunningKernel } from "../e2e/kernel";
import { faultAtWork } from "./fault";
import { logIn, type World } from "./world";

/** Bob, with a server and a kernel, while something happens to it. */
export async function withBob<T>(one: World, body: (bob: Bob) => Promise<T>): Promise<T> {
  const client = await logIn(one.deployment, "bob");
  await client.startServer(240_000);
  const kernel = await RunningKernel.start(client.serverSettings());
  try {
    return await body({ client, kernel });
  } finally {
    kernel.leave();
    await client.stopServer().catch(() => undefined);
    await client.close();
  }
}
export interface Bob {
  readonly client: Awaited<ReturnType<typeof logIn>>;
  readonly kernel: RunningKernel;
}

const bobAnswers = async ({ client }: Bob): Promise<boolean> =>
  (await client.api("user/bob/api/kernels", { signal: AbortSignal.timeout(5000) })).status === 200;

export function serverFaults(place: Place, world: () => World): void {
  faultAtWork(place, "server-killed", world, (one) =>
    withBob(one, async (bob) => {
      await bob.kernel.run("open('note.txt', 'w').write('kept')");
      await one.killProcesses("user-bob");
      const seconds = await one.seconds("bob's server runs again", async () => {
        const started = await bob.client.api("hub/api/users/bob/server", { method: "POST" });
        await started.text();
        return (await bobAnswers(bob)) && started.status !== 202;
      });
      const note = await bob.client.api("user/bob/api/contents/note.txt");
      assert.equal(((await note.json()) as { content: string }).content, "kept");
      assert.equal(one.toServer.since().failed, 0);
      return { seen: "Bob started it again and had his file. Requests failed are alice's.", seconds };
    }),
  );

  faultAtWork(place, "memory-used-up", world, (one) =>
    withBob(one, async (bob) => {
      const start = Date.now();
      const told = { text: "" };
      void bob.kernel.nextEvent("https://jupyterhub-on-docker.invalid/kernel-died").then((text) => {
        told.text = text;
      });
      // What the kernel asks for is more than its server has: it does not come to an answer.
      bob.kernel.die("x = bytearray(900 * 2**20); x[::4096] = b'1' * len(x[::4096])");
      const killed = async () => /restart/i.test(await one.log("user-bob"));
      await one.seconds("bob's kernel was killed", killed);
      await one.seconds("bob is told in JupyterLab", () => Promise.resolve(told.text !== ""));
      await one.seconds("bob's server answers", () => bobAnswers(bob));
      const seconds = (Date.now() - start) / 1000;
      const reason = /The server reached its memory limit \(512 MiB\), so a kernel was killed and restarted/;
      assert.match(told.text, reason);
      assert.match((await one.deployment.hub(["logs", "bob"])).output, reason);
      assert.equal(one.toServer.since().failed, 0);
      return { seen: "JupyterLab and ./hub logs said why. His server and alice's went on.", seconds };
    }),
  );

  faultAtWork(place, "fork-bomb", world, (one) =>
    withBob(one, async (bob) => {
      const printed = await bob.kernel.run(
        [
          "import subprocess",
          "_made = []",
          "try:",
          "    for _ in range(20000): _made.append(subprocess.Popen(['sleep', '60']))",
          "except OSError as error: print(error.errno, len(_made))",
          "for one in _made: one.kill()",
          "for one in _made: one.wait()",
        ].join("\n"),
      );
      const [, error, count] = /^(\d+) (\d+)/.exec(printed) ?? [];
      assert.equal(error, "11", `expected EAGAIN: ${printed}`);
      const seconds = await one.seconds("bob's server answers", () => bobAnswers(bob));
      assert.equal(one.toServer.since().failed, 0);
      return { seen: `The limit stopped it at ${count ?? ""} processes. Both servers went on.`, seconds };
    }),
  );
}
