import assert from "node:assert/strict";
import { join } from "node:path";

import { isBad, render } from "../../tasks/self-check/report";
import { findings } from "./cis";
import { Deployment } from "./deployment";
import { egressTests } from "./lockdown/egress";
import { hubTakeoverTests } from "./lockdown/hub-takeover";
import { hubTrialTests } from "./lockdown/hub-trial";
import { debianSite, npmRegistry, pipIndex } from "./lockdown/packages";
import { rightsTests } from "./lockdown/rights";
import { closedByRules, rulesTests } from "./lockdown/rules";
import { Stage } from "./lockdown/stage";
import { Notebook } from "./notebook";
import { until } from "./until";

const artifacts = join(__dirname, "artifacts");

/** Rows whose target need not exist where the suite runs: no IPv6 metadata service, no ping through to the internet. */
const UNPROVEN = /^(cloud metadata|a private network|the internet, (ICMP|UDP)|the host, IPv6)/;

const common = {
  database: { kind: "postgres" },
  groups: { physics: { members: ["bob"] } },
  // A busy machine takes its time.
  servers: { startTimeout: "4m", httpTimeout: "4m" },
};

const lockdown = (allow: readonly object[]) => ({ ...common, variant: "lockdown", egress: { allow } });

describe("lockdown, attacked by a user on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let stage: Stage;
  let allowed: object[];

  before(async () => {
    const sites = { debian: await debianSite(), npm: await npmRegistry() };
    allowed = [
      { host: sites.debian.host, ports: [80] },
      { host: sites.npm.host, groups: ["physics"] },
      { host: "inside.test" },
    ];
    stage = new Stage(await Deployment.create(lockdown(allowed)), sites);
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await stage.deployment.keepLogs(artifacts);
    }
  });

  after(async () => {
    await stage.leave();
    await stage.deployment.remove();
  });

  const open = async () => {
    for (const user of ["alice", "bob"] as const) {
      stage.people[user] = await Notebook.open(stage.deployment, user);
    }
  };

  it("./up checks itself and ends well; a second one and a refresh change nothing", async function () {
    this.timeout(900_000);
    const { output } = await stage.deployment.up();
    assert.match(output, /self-check-probes/);
    await stage.deployment.up(["--expect-no-changes"]);
    await stage.deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await stage.deployment.pulumi(["preview", "--expect-no-changes"]);
  });

  it("lets two people log in, start servers and work", async () => {
    await open();
    assert.equal(await stage.alice.python("print(6 * 7)"), "42\n");
  });

  for (const [place, from] of [
    ["kernel", "attack"],
    ["terminal", "attackFromTerminal"],
  ] as const) {
    it(`withstands every attack of the list from a ${place}, each with a control that succeeds`, async () => {
      const rows = await stage.attack(from);
      console.log(render(rows));
      assert.deepEqual(rows.filter(isBad), []);
      const unproven = rows.filter(
        ({ verdict, name }) => verdict === "closed, unproven" && !UNPROVEN.test(name),
      );
      assert.deepEqual(unproven, [], "the control of these did not reach its target");
      assert.ok(rows.length > 40);
      for (const target of [
        "database on control",
        "docker-filter on control",
        "proxy on public",
        "egress on",
      ]) {
        assert.ok(
          rows.some(({ name }) => name.startsWith(target)),
          `${target} was not tried`,
        );
      }
    });
  }

  hubTrialTests(
    () => stage,
    () => lockdown(allowed),
  );

  it("./hub probe prints the table and fails when there is a hole", async () => {
    const { output } = await stage.deployment.hub(["probe"]);
    assert.match(output, /tried, 0 wrong/);
    const answer = await stage.withoutRules(() => stage.deployment.hub(["probe"], { ok: false }));
    assert.equal(answer.code, 1);
    assert.match(answer.output, /HOLE/);
    assert.match(answer.output, /a notebook server can reach or do something that it must not: a neighbour/);
  });

  it("./up fails with the name of the hole, and ends well when it is closed", async () => {
    // What pip asks is known by now, and is what changes.
    stage.pip = await pipIndex(stage.alice);
    await stage.deployment.configure(lockdown([...allowed, ...stage.pip.hosts.map((host) => ({ host }))]));
    const failed = await stage.withoutRules(() => stage.deployment.up([], { ok: false }));
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /a notebook server can reach or do something that it must not: a neighbour/);
    const { output } = await stage.deployment.up();
    assert.match(output, /self-check-probes/);
    assert.equal(await stage.alice.python("print('still here')"), "still here\n");
  });

  rulesTests(() => stage);
  rightsTests(() => stage);
  egressTests(() => stage);
  hubTakeoverTests(() => stage);

  it("keeps what the CIS Docker Benchmark asks of containers, except for what is documented", async () => {
    const { docker, name } = stage.deployment;
    const { containers } = await stage.deployment.objects();
    const inspected = await Promise.all(containers.map((one) => docker.getContainer(one).inspect()));
    const found = findings(inspected, name);
    assert.ok(found.checked > 100, `only ${found.checked} checks`);
    assert.deepEqual(found.violations, []);
  });

  it("starts no server while the firewall is away, and one when it is back", async () => {
    const { bob, firewall } = stage;
    await bob.kernel.close();
    await bob.client.stopServer();
    await firewall.stop();
    // A server is on the network: the rules stay.
    assert.ok((await stage.nft("list", "tables")).includes(stage.table));
    const start = () => bob.client.api("hub/api/users/bob/server", { method: "POST" });
    await start();
    await until("the hub says why", async () =>
      (await stage.log("hub")).includes("the firewall is not ready"),
    );
    const running = await stage.deployment.docker.listContainers({
      filters: { name: [`${stage.deployment.name}-user-bob`] },
    });
    assert.deepEqual(running, []);
    await firewall.start();
    await until("it is ready", async () => (await firewall.inspect()).State.Health?.Status === "healthy");
    await until("the hub starts servers", async () => [201, 202].includes((await start()).status));
    await bob.client.serverReady(240_000);
  });

  it("as single-host: the internet is open by design, and nothing else", async function () {
    this.timeout(600_000);
    await stage.leave();
    await stage.deployment.configure({ ...common, variant: "single-host", network: { selfCheck: true } });
    await stage.deployment.up();
    await open();
    const rows = await stage.attack();
    console.log(render(rows));
    assert.deepEqual(rows.filter(isBad), []);
    await closedByRules(stage);
    const byDesign = rows.filter(({ verdict }) => verdict === "open by design").map(({ name }) => name);
    assert.deepEqual(
      byDesign.filter((name) => !/^(the internet|names of the internet)/.test(name)),
      [],
    );
    assert.ok(byDesign.some((name) => name.startsWith("the internet")));
    for (const target of [
      "cloud metadata 169",
      "a private network",
      "a neighbour",
      "somebody else's server",
    ]) {
      const tried = rows.filter(({ name }) => name.startsWith(target));
      assert.ok(tried.length > 0 && tried.every(({ verdict }) => verdict.startsWith("closed")), target);
    }
  });

  it("destroy leaves no container, network or rule behind", async () => {
    await stage.leave();
    const { Image } = await stage.firewall.inspect();
    await stage.deployment.up(["--destroy"]);
    const { containers, networks } = await stage.deployment.objects();
    assert.deepEqual({ containers, networks }, { containers: [], networks: [] });
    const tables = await stage.onHost(Image, ["nft", "list", "tables"]);
    assert.ok(!tables.includes(stage.table), tables);
  });
});
