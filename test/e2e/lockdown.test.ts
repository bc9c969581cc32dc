import assert from "node:assert/strict";
import { join } from "node:path";

import { addressPlan } from "../../components/network/addresses";
import { isBad, table, type Row } from "../../probes/report";
import { notebookLike, tryAll } from "../../probes/run";
import { collect } from "../../probes/facts";
import { findings } from "./cis";
import { Deployment } from "./deployment";
import { Notebook } from "./notebook";

const artifacts = join(__dirname, "artifacts");

/** Rows whose target need not exist where the suite runs: no IPv6 metadata service, no ping through to the internet. */
const UNPROVEN = /^(cloud metadata|a private network|the internet, (ICMP|UDP)|the host, IPv6)/;

describe("lockdown, attacked by a user on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let alice: Notebook;
  let bob: Notebook;
  let bobsAddress = "";

  before(async () => {
    deployment = await Deployment.create({
      variant: "lockdown",
      servers: { startTimeout: "4m", httpTimeout: "4m" },
      egress: {
        allow: [
          { host: "pypi.org" },
          { host: "*.pythonhosted.org" },
          { host: "deb.debian.org", ports: [80] },
          { host: "registry.npmjs.org", groups: ["physics"] },
          { host: "inside.test" },
        ],
      },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await deployment.keepLogs(artifacts);
  });

  after(async () => {
    for (const one of [alice, bob] as (Notebook | undefined)[]) await one?.close();
    await deployment.remove();
  });

  /** The whole list from alice's kernel, with bob's server as one of the targets. */
  const attack = () =>
    tryAll(deployment.docker, deployment.name, {
      attack: (list) => alice.attack(list),
      neighbour: { address: bobsAddress, port: 8888 },
    });
  const firewall = () => deployment.docker.getContainer(`${deployment.name}-firewall`);

  /** nft on the host's network, as an administrator who does not know better might run it. */
  const nft = async (...args: string[]): Promise<string> => {
    const { Image } = await firewall().inspect();
    return inThrowaway(deployment, Image, ["nft", ...args]);
  };
  const { table: tableName } = addressPlan("x");
  const rulesTable = () => addressPlan(deployment.name).table;

  it("./up checks itself and ends well; a second one and a refresh change nothing", async function () {
    this.timeout(900_000);
    assert.notEqual(rulesTable(), tableName);
    const { output } = await deployment.up();
    assert.match(output, /self-check-probes/);
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
  });

  it("lets two people log in, start servers and work", async () => {
    alice = await Notebook.open(deployment, "alice");
    bob = await Notebook.open(deployment, "bob");
    assert.equal(await alice.python("print(6 * 7)"), "42\n");
    const { NetworkSettings } = await deployment.docker.getContainer(`${deployment.name}-user-bob`).inspect();
    bobsAddress = NetworkSettings.Networks[`${deployment.name}-notebooks`]?.IPAddress ?? "";
    assert.match(bobsAddress, /^10\./);
  });

  it("withstands every attack of the list, each with a control that succeeds", async () => {
    const rows = await attack();
    console.log(table(rows));
    assert.deepEqual(rows.filter(isBad), []);
    const unproven = rows.filter(
      ({ verdict, name }) => verdict === "closed, unproven" && !UNPROVEN.test(name),
    );
    assert.deepEqual(unproven, [], "the control of these did not reach its target");
    assert.ok(rows.length > 40);
  });

  it("checks itself from a container that is as alice's", async () => {
    const like = notebookLike(await collect(deployment.docker, deployment.name));
    const { Config, HostConfig } = await deployment.docker
      .getContainer(`${deployment.name}-user-alice`)
      .inspect();
    assert.equal(Config.User, like.User);
    for (const [key, value] of Object.entries(like.HostConfig ?? {})) {
      assert.deepEqual((HostConfig as unknown as Record<string, unknown>)[key], value, key);
    }
  });

  it("finds the holes when the rules are away, puts the rules back at once, and closes them", async () => {
    const holes = (rows: readonly Row[]) => rows.filter(isBad).map(({ name }) => name.split(" 1")[0]);
    await firewall().pause();
    try {
      await nft("delete", "table", "inet", rulesTable());
      const open = holes(await attack());
      for (const name of [
        "a neighbour",
        "somebody else's server",
        "the host on its bridge",
        "proxy on notebooks",
      ]) {
        assert.ok(open.includes(name), `${name} was not found open: ${open.join(", ")}`);
      }
    } finally {
      await firewall().unpause();
    }
    await until(5000, async () => (await nft("list", "tables")).includes(rulesTable()));
    assert.deepEqual(holes(await attack()), []);

    const before = Date.now();
    await nft("flush", "table", "inet", rulesTable());
    await until(5000, async () =>
      (await nft("list", "table", "inet", rulesTable())).includes("jump notebooks"),
    );
    console.log(`rules were back, and seen to be, after ${Date.now() - before} ms`);
  });

  it("npm run probe prints the table and fails when there is a hole", async () => {
    const { output } = await deployment.run("npm", ["run", "-s", "probe", "--", "--stack", deployment.stack]);
    assert.match(output, /tried, 0 wrong/);
    await firewall().pause();
    try {
      await nft("delete", "table", "inet", rulesTable());
      const answer = await deployment.run("npm", ["run", "-s", "probe", "--", "--stack", deployment.stack], {
        ok: false,
      });
      assert.equal(answer.code, 1);
      assert.match(answer.output, /HOLE/);
      assert.match(answer.output, /a notebook server reaches or can do what it must not: a neighbour/);
    } finally {
      await firewall().unpause();
    }
  });

  it("gives a notebook's token no more of the hub's API than its own user", async () => {
    const ask = (path: string, method = "GET") =>
      alice.shell(
        `curl -s -o /dev/null -w '%{http_code}' -X ${method} -H "Authorization: token $JUPYTERHUB_API_TOKEN" ` +
          `http://hub:8081/hub/api/${path} 2>/dev/null || python3 - <<'END'\n` +
          "import os, urllib.request, urllib.error\n" +
          `r = urllib.request.Request('http://hub:8081/hub/api/${path}', method='${method}', ` +
          "headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\n" +
          "try: print(urllib.request.urlopen(r).status)\n" +
          "except urllib.error.HTTPError as e: print(e.code)\nEND",
      );
    // The control: it works at all.
    assert.match((await ask("user")).output, /200/);
    for (const [path, method] of [
      ["users", "GET"],
      ["users/bob", "GET"],
      ["users/bob/server", "DELETE"],
      ["users/mallory", "POST"],
      ["proxy", "GET"],
      ["shutdown", "POST"],
    ] as const) {
      assert.match((await ask(path, method)).output, /40[34]/, `${method} ${path}`);
    }
  });

  it("outlives a fork bomb and a server that eats memory", async () => {
    const forked = await alice.shell(
      `python3 - <<'END'
import os, signal, time
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
    const eaten = await alice.shell(`python3 -c "x = bytearray(2 * 1024 ** 3); print('unlimited')"`);
    assert.notEqual(eaten.code, 0);
    assert.doesNotMatch(eaten.output, /unlimited/);
    // The control: with less it works.
    assert.match(
      (await alice.shell(`python3 -c "x = bytearray(64 * 1024 ** 2); print('fine')"`)).output,
      /fine/,
    );
    assert.equal(await bob.python("print('still here')"), "still here\n");
  });

  it("lets pip install from the hosts on the list, and logs who did", async () => {
    const { code, output } = await alice.shell("pip install --user --no-cache-dir --no-deps idna 2>&1");
    assert.equal(code, 0, output);
    assert.equal((await alice.shell("python3 -c 'import idna'")).code, 0);
    const log = await egressLog(deployment);
    const mine = log.filter(({ user, host }) => user === "alice" && host === "pypi.org");
    assert.ok(
      mine.some(({ event }) => event === "allowed"),
      JSON.stringify(log.slice(-5)),
    );
  });

  it("lets plain HTTP to the ports of a rule through", async () => {
    const fetched = await alice.shell(
      `python3 -c "import urllib.request as u; print(u.urlopen('http://deb.debian.org/debian/dists/trixie/InRelease').read(40))"`,
    );
    assert.equal(fetched.code, 0, fetched.output);
  });

  it("refuses at once, and says why, where a person looks", async () => {
    const reach = (url: string) =>
      alice.shell(`python3 -c "import urllib.request as u; u.urlopen('${url}', timeout=20)" 2>&1 | tail -1`);
    for (const [url, reason] of [
      ["https://example.com/", /example\.com:443 is not on this hub's list of allowed hosts/],
      ["https://pypi.org:8443/", /pypi\.org:8443 is not on this hub's list/],
      ["http://example.com/", /not on this hub's list/],
      ["https://registry.npmjs.org/", /allowed for some groups only/],
      ["https://1.1.1.1/", /only names of hosts/],
      ["https://hub:8443/", /only names|not on this hub's list|certificate|timed out|unreachable/i],
    ] as const) {
      const { output, seconds } = await reach(url);
      assert.match(output, reason, url);
      if (!url.includes("hub")) assert.ok(seconds < 3, `${url}: ${seconds} s`);
    }
    const git = await alice.shell("git ls-remote https://github.com/jupyterhub/jupyterhub 2>&1");
    assert.notEqual(git.code, 0);
    assert.match(git.output, /403/);
    const pip = await alice.shell(
      "pip download --retries 0 --index-url https://example.com/simple idna 2>&1",
    );
    assert.match(pip.output, /is not on this hub's list of allowed hosts/);
  });

  it("refuses a name on the list that leads to a private address", async () => {
    const { Image } = await firewall().inspect();
    const inside = await deployment.docker.createContainer({
      Image,
      name: `${deployment.name}-inside`,
      Cmd: ["python3", "-m", "http.server", "443"],
      Labels: { "org.jupyterhub.stack": deployment.name, "org.jupyterhub.role": "test" },
      HostConfig: { NetworkMode: `${deployment.name}-egress` },
      NetworkingConfig: { EndpointsConfig: { [`${deployment.name}-egress`]: { Aliases: ["inside.test"] } } },
    });
    try {
      await inside.start();
      const { output } = await alice.shell(
        `python3 -c "import urllib.request as u; u.urlopen('https://inside.test/', timeout=20)" 2>&1 | tail -1`,
      );
      assert.match(output, /inside\.test leads to a private address/);
    } finally {
      await inside.remove({ force: true });
    }
  });

  it("takes no name that the hub did not sign", async () => {
    const forged = await alice.shell(
      `https_proxy=\${https_proxy/alice:/bob:} HTTPS_PROXY=$https_proxy python3 -c "import urllib.request as u; ` +
        `u.urlopen('https://not-listed.example.org/')" 2>&1 | tail -1`,
    );
    assert.match(forged.output, /not on this hub's list/);
    const entries = (await egressLog(deployment)).filter(({ host }) => host === "not-listed.example.org");
    assert.deepEqual([...new Set(entries.map(({ user }) => user))], ["alice"]);
    const nobody = await alice.shell(
      `HTTPS_PROXY=http://bob:guess@egress:3128 https_proxy=$HTTPS_PROXY python3 -c "import os, urllib.request as u; ` +
        `os.environ['https_proxy'] = 'http://bob:guess@egress:3128'; u.urlopen('https://pypi.org/')" 2>&1 | tail -1`,
    );
    assert.match(nobody.output, /407/);
  });

  it("starts no server while the firewall is away, and one when it is back", async () => {
    await bob.kernel.close();
    await bob.client.stopServer();
    await firewall().stop();
    // A server is on the network: the rules stay.
    assert.ok((await nft("list", "tables")).includes(rulesTable()));
    await bob.client.api("hub/api/users/bob/server", { method: "POST" });
    await until(30_000, async () => (await hubLog(deployment)).includes("the firewall is not ready"));
    const running = await deployment.docker.listContainers({
      filters: { name: [`${deployment.name}-user-bob`] },
    });
    assert.deepEqual(running, []);
    await firewall().start();
    await until(10_000, async () => (await firewall().inspect()).State.Health?.Status === "healthy");
    await until(30_000, async () => {
      const { status } = await bob.client.api("hub/api/users/bob/server", { method: "POST" });
      return status === 201 || status === 202;
    });
    await bob.client.stopServer();
  });

  it("keeps what the CIS Docker Benchmark asks of containers, but for what is documented", async () => {
    const containers = (await deployment.objects()).containers;
    const inspected = await Promise.all(
      containers.map((name) => deployment.docker.getContainer(name).inspect()),
    );
    const found = findings(inspected, deployment.name);
    assert.ok(found.checked > 100, `only ${found.checked} checks`);
    assert.deepEqual(found.violations, []);
  });

  it("destroy leaves no container, network or rule behind", async () => {
    const { Image } = await firewall().inspect();
    const { output } = await deployment.up(["--destroy"]);
    assert.ok(output.length > 0);
    const { containers, networks } = await deployment.objects();
    assert.deepEqual({ containers, networks }, { containers: [], networks: [] });
    const tables = await inThrowaway(deployment, Image, ["nft", "list", "tables"]);
    assert.ok(!tables.includes(rulesTable()), tables);
  });
});

/** Runs a command on the host's network with the right to change rules; gives what it printed. */
async function inThrowaway(deployment: Deployment, image: string, command: string[]): Promise<string> {
  const container = await deployment.docker.createContainer({
    Image: image,
    Cmd: command,
    Tty: true,
    Labels: { "org.jupyterhub.stack": deployment.name, "org.jupyterhub.role": "test" },
    HostConfig: { NetworkMode: "host", CapAdd: ["NET_ADMIN"] },
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const printed = (await container.logs({ stdout: true, stderr: true })).toString();
    assert.equal(StatusCode, 0, printed);
    return printed;
  } finally {
    await container.remove({ force: true });
  }
}

async function until(timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not so after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function logOf(deployment: Deployment, role: string): Promise<string> {
  const log = await deployment.docker
    .getContainer(`${deployment.name}-${role}`)
    .logs({ stdout: true, stderr: true, tail: 1000 });
  return log.toString("utf8");
}

const hubLog = (deployment: Deployment) => logOf(deployment, "hub");

interface EgressEntry {
  readonly event: string;
  readonly user?: string;
  readonly host?: string;
}

async function egressLog(deployment: Deployment): Promise<EgressEntry[]> {
  return (await logOf(deployment, "egress"))
    .split("\n")
    .filter((line) => line.includes("{"))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))) as EgressEntry);
}
