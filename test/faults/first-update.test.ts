/** A stack whose first `./up` is killed: what is half there is completed by the next one, or removed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";

import { Deployment } from "../e2e/deployment";
import { fault } from "./fault";
import { kill, tree } from "./processes";
import { upWith } from "./updates";

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

  const killUpAt = (text: string): Promise<unknown> =>
    upWith(deployment, text, (pid) => {
      kill(tree(pid).map((one) => one.pid));
    });

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

  fault("single-host", "port-taken-meanwhile", async () => {
    await deployment.up(["--destroy"]);
    const other = createServer();
    let taken = 0;
    const { code, errors } = await upWith(deployment, "network-control creating", async () => {
      other.listen(deployment.ports.https, "127.0.0.1");
      await once(other, "listening");
      taken = Date.now();
    });
    const seconds = (Date.now() - taken) / 1000;
    assert.equal(code, 1, errors);
    assert.match(errors, /proxy-container: .*(address already in use|port is already allocated)/);
    assert.match(errors, /hub-ready: The new hub waits for Traefik, which could not start/);
    assert.match(errors, /Another program took the port while \.\/up ran\. .*\.$/);
    // The next one says who has it, and with which command there is another port.
    const still = await deployment.up([], { ok: false });
    assert.match(still.output, /jupyterhub:ports\.https: expected a free port, .* choose another port with:/);
    other.close();
    await once(other, "close");
    await deployment.up();
    await deployment.up(["--expect-no-changes"]);
    return { seen: "./up failed with the port and what to do. The next one completed it.", seconds };
  });

  fault("single-host", "first-update-bad-image", async () => {
    await deployment.up(["--destroy"]);
    const base = "localhost:1/nothing:1";
    await deployment.configure({ notebook: { image: { kind: "packages", base, pip: ["cowsay==6.1"] } } });
    const start = Date.now();
    const { code, output } = await deployment.up([], { ok: false });
    const seconds = (Date.now() - start) / 1000;
    assert.equal(code, 1, output);
    assert.ok(/\nThe update failed:\n[^]*$/.exec(output)?.[0].includes(base), output);
    await deployment.configure({});
    await deployment.up();
    await deployment.up(["--expect-no-changes"]);
    return {
      seen: "./up failed with the name of the image. With a good one the next completed it.",
      seconds,
    };
  });
});
