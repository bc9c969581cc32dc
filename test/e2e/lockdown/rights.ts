import assert from "node:assert/strict";

import { collect } from "../../../tasks/self-check/facts";
import { notebookLike } from "../../../tasks/self-check/run";
import type { Stage } from "./stage";

/** What a server is, and what its user can do with the hub and the host. */
export function rightsTests(stage: () => Stage): void {
  it("checks itself from a container that is as alice's", async () => {
    const like = notebookLike(await collect(stage().deployment.docker, stage().deployment.name));
    const { Config, HostConfig, Mounts } = await stage().container("user-alice").inspect();
    assert.equal(Config.User, like.User);
    for (const [key, value] of Object.entries(like.HostConfig ?? {})) {
      assert.deepEqual((HostConfig as unknown as Record<string, unknown>)[key], value, key);
    }
    // Nobody else's home is there.
    assert.deepEqual(
      Mounts.map(({ Name }) => Name),
      [`${stage().deployment.name}-home-alice`],
    );
  });

  it("gives a notebook's token no more of the hub's API than its own user", async () => {
    const ask = async (path: string, method = "GET") =>
      stage().alice.python(
        [
          "import os, urllib.request, urllib.error",
          `_r = urllib.request.Request('http://hub:8081/hub/api/${path}', method='${method}',`,
          "    headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})",
          "try: print(urllib.request.urlopen(_r).status)",
          "except urllib.error.HTTPError as e: print(e.code)",
        ].join("\n"),
      );
    // The control: it works at all.
    assert.equal(await ask("user"), "200\n");
    for (const [path, method] of [
      ["users", "GET"],
      ["users/bob", "GET"],
      ["users/bob/server", "DELETE"],
      ["users/mallory", "POST"],
      ["proxy", "GET"],
      ["shutdown", "POST"],
    ] as const) {
      assert.match(await ask(path, method), /^40[34]$/m, `${method} ${path}`);
    }
  });

  it("outlives a fork bomb and a server that eats memory", async () => {
    const forked = await stage().alice.shell(
      `python3 - <<'END'
import os, signal
children = []
try:
    while len(children) < 5000:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
    print("unlimited")
except BlockingIOError:
    print("stopped at", len(children))
for child in children: os.kill(child, 9)
END`,
    );
    assert.match(forked.output, /stopped at \d+/);
    const eat = (bytes: string) =>
      stage().alice.shell(`python3 -c "x = bytearray(${bytes}); print('eaten')"`);
    assert.doesNotMatch((await eat("2 * 1024 ** 3")).output, /eaten/);
    // The control: with less it works.
    assert.match((await eat("64 * 1024 ** 2")).output, /eaten/);
    assert.equal(await stage().bob.python("print('still here')"), "still here\n");
  });
}
