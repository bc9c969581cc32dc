import assert from "node:assert/strict";

import type { Stage } from "./stage";

/** What the egress proxy lets through, refuses, says and logs. */
export function egressTests(stage: () => Stage): void {
  /** The last line of what Python has to say of an address. */
  const reach = (url: string, who: "alice" | "bob" = "alice") =>
    stage()[who].shell(
      `python3 -c "import urllib.request as u; print(u.urlopen('${url}', timeout=20).status)" 2>&1 | tail -1`,
    );

  it("lets pip install from the hosts on the list, and logs who did", async () => {
    const { code, output } = await stage().alice.shell(
      "pip install --target /tmp/installed --no-cache-dir --no-deps iniconfig 2>&1",
    );
    assert.equal(code, 0, output);
    assert.match(output, /Successfully installed iniconfig/);
    const log = await stage().egressLog();
    const mine = log.filter(({ user, event }) => user === "alice" && event === "allowed");
    assert.deepEqual([...new Set(mine.map(({ host }) => host))].sort(), stage().pip?.hosts);
  });

  it("lets plain HTTP to the ports of a rule through", async () => {
    const { output } = await reach(stage().sites.debian.file);
    assert.equal(output, "200\n");
  });

  it("lets the members of a rule's groups through, and nobody else", async () => {
    const { npm } = stage().sites;
    assert.match((await reach(npm.url, "alice")).output, /allowed for some groups only/);
    assert.equal((await reach(npm.url, "bob")).output, "200\n");
    const log = (await stage().egressLog()).filter(({ host }) => host === npm.host);
    assert.deepEqual(
      log.filter(({ event }) => event !== "closed").map(({ user, event }) => `${user ?? ""} ${event}`),
      ["alice denied", "bob allowed"],
    );
  });

  it("refuses at once, and says why, where a person looks", async () => {
    const [host = ""] = stage().pip?.hosts ?? [];
    for (const [url, reason] of [
      ["https://example.com/", /example\.com:443 is not on this hub's list of allowed hosts/],
      [`https://${host}:8443/`, new RegExp(`${host}:8443 is not on this hub's list`)],
      ["http://example.com/", /not on this hub's list/],
      ["https://1.1.1.1/", /only host names are allowed/],
      ["https://169.254.169.254/", /only host names are allowed/],
      ["https://docker-filter:2375/", /only host names are allowed/],
    ] as const) {
      const { output, seconds } = await reach(url);
      assert.match(output, reason, url);
      assert.ok(seconds < 3, `${url}: ${seconds} s`);
    }
    const git = await stage().alice.shell("git ls-remote https://github.com/jupyterhub/jupyterhub 2>&1");
    assert.notEqual(git.code, 0);
    assert.match(git.output, /403/);
    // Pip tells of what it tries again.
    const pip = await stage().alice.shell(
      "pip download --retries 1 --index-url https://example.com/simple idna 2>&1",
    );
    assert.notEqual(pip.code, 0);
    assert.match(pip.output, /is not on this hub's list of allowed hosts/);
  });

  it("refuses a name on the list that leads to a private address", async () => {
    const network = `${stage().deployment.name}-egress`;
    await stage().beside(
      {
        name: `${stage().deployment.name}-inside`,
        Cmd: ["python3", "-m", "http.server", "443"],
        HostConfig: { NetworkMode: network },
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ["inside.test"] } } },
      },
      async () => {
        const { output } = await reach("https://inside.test/");
        assert.match(output, /inside\.test resolves to a private address/);
      },
    );
  });

  it("takes no name that the hub did not sign", async () => {
    const ask = (change: string, url: string) =>
      stage().alice.shell(
        `python3 -c "import os, urllib.request as u; p = os.environ['https_proxy']; ` +
          `os.environ['https_proxy'] = os.environ['HTTPS_PROXY'] = ${change}; u.urlopen('${url}')" 2>&1 | tail -1`,
      );
    const forged = await ask("p.replace('alice:', 'bob:')", "https://not-listed.example.org/");
    assert.match(forged.output, /not on this hub's list/);
    const entries = (await stage().egressLog()).filter(({ host }) => host === "not-listed.example.org");
    assert.deepEqual([...new Set(entries.map(({ user }) => user))], ["alice"]);
    const listed = stage().pip?.index ?? "";
    assert.match((await ask("'http://bob:guess@egress:3128'", listed)).output, /407/);
    assert.match((await ask("'http://egress:3128'", listed)).output, /407/);
  });
}
