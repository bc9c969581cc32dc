import assert from "node:assert/strict";

import type { Stage } from "./stage";

/** Prints what a hub is let do: its ways, whom it reaches, who it is, and what it may. */
const FACTS = String.raw`
import json, os, re, socket
def _ask(host, port):
    try:
        socket.create_connection((host, port), 3).close()
        return "open"
    except OSError:
        return "closed"
_facts = {
    "routes": open("/proc/net/route").read(),
    "capabilities": re.findall(r"Cap\w+:\s*\w+", open("/proc/self/status").read()),
    "user": [os.getuid(), os.getgid()],
    "seccomp": re.findall(r"(?:NoNewPrivs|Seccomp):\s*\d+", open("/proc/self/status").read()),
    "asked": {name: _ask(*name.split(" ")) for name in TARGETS},
}
`;

/** The trial of a new hub, and the last good one put back, where there is no way out. */
export function hubTrialTests(stage: () => Stage, config: () => Record<string, unknown>): void {
  const withCode = (text: string) =>
    stage().deployment.configure({ ...config(), hub: { extraConfig: { kind: "text", text } } });

  it("tries a new hub with the networks and rights of the one that runs, and no more", async () => {
    const { deployment, alice } = stage();
    const { NetworkSettings } = await stage().container("user-alice").inspect();
    const address = NetworkSettings.Networks[`${deployment.name}-notebooks`]?.IPAddress ?? "";
    const targets = [
      "database 5432",
      "docker-filter 2375",
      `${address} 8888`,
      "169.254.169.254 80",
      "192.0.2.1 80",
    ];
    const facts = `TARGETS = ${JSON.stringify(targets)}\n${FACTS}`;
    const before = (await stage().container("hub").inspect()).Id;
    await withCode(`${facts}\nraise RuntimeError("facts " + json.dumps(_facts))\n`);
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    const [, tried] = /RuntimeError: facts (\{.*\})/.exec(output) ?? [];
    assert.ok(tried, output);
    const running = await stage().exec(
      stage().container("hub"),
      "python3",
      "-c",
      `${facts}\nprint(json.dumps(_facts))`,
    );
    const own = JSON.parse(running) as { asked: Record<string, string> };
    assert.deepEqual(JSON.parse(tried), own);
    assert.equal(own.asked["database 5432"], "open");
    assert.equal((await stage().container("hub").inspect()).Id, before);
    assert.equal(await alice.python("print('still here')"), "still here\n");
  });

  it("puts the last good hub back on its networks, and the next ./up replaces it", async () => {
    const { deployment, alice } = stage();
    const networks = async () =>
      Object.entries((await stage().container("hub").inspect()).NetworkSettings.Networks).map(
        ([name, { IPAddress }]) => [name, name.endsWith("-notebooks") ? IPAddress : ""],
      );
    const before = await networks();
    await withCode(
      'import os\nif "JUPYTERHUB_TRIAL" not in os.environ:\n    raise RuntimeError("for real")\n',
    );
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /The last good hub runs again: image, settings and secrets are as before/);
    assert.deepEqual((await networks()).sort(), before.sort());
    assert.equal((await alice.client.api("hub/api/users/alice")).status, 200);
    await deployment.configure(config());
    await deployment.up();
    assert.deepEqual(await deployment.hubContainers(), [`${deployment.name}-hub`]);
    await deployment.up(["--expect-no-changes"]);
  });
}
