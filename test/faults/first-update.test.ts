/** A stack whose first `./up` is killed: what is half there is completed by the next one, or removed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { Deployment } from "../e2e/deployment";
import { fault } from "./fault";
import { kill, tree } from "./processes";

/** What `./up` says when it is killed. */
const POINTS = [
  "notebook-image-version creating",
  "network-control creating",
  "hub-container creating",
  "proxy-container creating",
];

describe("a first ./up that is killed", function () {
  this.timeout(900_000);

  let deployment: Deployment;

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
  });
  after(async () => {
    await (deployment as Deployment | undefined)?.remove();
  });

  /** Runs `./up` and kills all of it at the first line with the text. */
  async function killUpAt(text: string): Promise<void> {
    const run = spawn("./up", [deployment.stack], {
      cwd: deployment.folder,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    const ended = once(run, "exit");
    let killed = false;
    for await (const line of createInterface({ input: run.stdout })) {
      if (!killed && line.includes(text)) {
        killed = true;
        kill(tree(run.pid ?? 0).map(({ pid }) => pid));
      }
    }
    await ended;
    assert.ok(killed, `./up never said ${text}`);
  }

  fault("single-host", "first-update-killed", async () => {
    let slowest = 0;
    for (const [turn, point] of POINTS.entries()) {
      await killUpAt(point);
      if (turn % 2 === 1) {
        await deployment.up(["--destroy"]);
        const { containers, networks } = await deployment.objects();
        assert.deepEqual([...containers, ...networks], [], `killed at ${point}, then destroyed`);
      }
      const start = Date.now();
      await deployment.up();
      slowest = Math.max(slowest, (Date.now() - start) / 1000);
      await deployment.up(["--expect-no-changes"]);
      const { containers, networks } = await deployment.objects();
      for (const names of [containers, networks]) {
        assert.equal(new Set(names).size, names.length, names.join(", "));
      }
      assert.ok(
        containers.every((name) => name.startsWith(`${deployment.name}-`)),
        containers.join(", "),
      );
      await deployment.up(["--destroy"]);
    }
    return {
      seen: `${POINTS.length} of ${POINTS.length} were completed by the next ./up, half of them after a ./up --destroy.`,
      seconds: slowest,
    };
  });
});
