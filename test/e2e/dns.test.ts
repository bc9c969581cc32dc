import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type DnsArgs, dnsRecords } from "../../stacks/dns-records";
import { Bind } from "./bind";
import { type Answer, Deployment } from "./deployment";

/** The example project, against a real BIND. The hub's stack is one that has its outputs and nothing else. */
/** Folder of the project that puts out the records, as the hub's own stack does. */
const HUB_PROJECT = "hub-project";

describe("examples/dns, on a real name server", function () {
  this.bail(true);
  this.timeout(120_000);

  const hub: DnsArgs = {
    domain: "hub.uni.test",
    otherDomains: ["jupyter.uni.test", "elsewhere.org"],
    userSubdomains: true,
    target: { addresses: ["192.0.2.10", "2001:db8::10"] },
    caaIssuer: "letsencrypt.org",
    ttl: 120,
  };
  let deployment: Deployment;
  let bind: Bind;

  const stack = (project: string, ...args: string[]): Promise<Answer> =>
    deployment.pulumi(["-C", join(deployment.folder, project), ...args]);
  const set = (key: string, value: string, ...options: string[]) =>
    stack("examples/dns", "config", "set", ...options, key, value);

  /** Puts out the records of a hub, as the hub's own stack does. */
  async function publish(args: DnsArgs): Promise<void> {
    await writeFile(
      join(deployment.folder, HUB_PROJECT, "index.js"),
      `module.exports = ${JSON.stringify({ dnsRecords: dnsRecords(args) })};\n`,
    );
    await stack(HUB_PROJECT, "up", "--yes", "--skip-preview");
  }

  before(async () => {
    bind = await Bind.start("uni.test", ["www IN A 192.0.2.80"]);
    deployment = await Deployment.create({}, { installed: true });
    await deployment.run("./up", ["--only", "cli,plugins"]);
    await mkdir(join(deployment.folder, HUB_PROJECT));
    await mkdir(join(deployment.folder, ".state"), { recursive: true });
    await writeFile(
      join(deployment.folder, HUB_PROJECT, "Pulumi.yaml"),
      "name: jupyterhub\nruntime: nodejs\nmain: index.js\nbackend:\n  url: file://../.state\n",
    );
    await stack(HUB_PROJECT, "stack", "init");
    await stack("examples/dns", "stack", "init");
    await publish(hub);
    await set("hub", `organization/jupyterhub/${deployment.stack}`);
    await set("zone", bind.zone);
    await set("server", bind.address);
    await set("port", String(bind.port));
    await set("keyName", bind.key.name);
    await set("keySecret", bind.key.secret, "--secret");
  });

  after(async () => {
    if (bind as Bind | undefined) {
      await bind.stop();
    }
    if (deployment as Deployment | undefined) {
      await deployment.remove();
    }
  });

  it("has the zone hold the records of the hub's stack", async () => {
    const { output } = await stack("examples/dns", "up", "--yes", "--diff");
    assert.ok(!output.includes(bind.key.secret), "the key is shown");
    const state = await readFile(
      join(deployment.folder, "examples/dns", `Pulumi.${deployment.stack}.yaml`),
      "utf8",
    );
    assert.ok(!state.includes(bind.key.secret), "the key is in clear in the stack's file");
    assert.deepEqual(await bind.dig("hub.uni.test", "A"), ["192.0.2.10"]);
    assert.deepEqual(await bind.dig("hub.uni.test", "AAAA"), ["2001:db8::10"]);
    assert.deepEqual(await bind.dig("hub.uni.test", "CAA"), [
      '0 issue "letsencrypt.org"',
      '0 issuewild "letsencrypt.org"',
    ]);
    assert.deepEqual(await bind.dig("alice.hub.uni.test", "CNAME"), ["hub.uni.test."]);
    assert.deepEqual(await bind.dig("jupyter.uni.test", "CNAME"), ["hub.uni.test."]);
    assert.match(output, /elsewhere\.org A/, "a name of another zone is told, and left out");
    assert.deepEqual(await bind.dig("elsewhere.org", "A"), []);
  });

  it("has nothing to do on a second up", async () => {
    await stack("examples/dns", "up", "--yes", "--expect-no-changes");
  });

  it("changes what changed, removes what is gone, and leaves the rest of the zone alone", async () => {
    await publish({
      ...hub,
      userSubdomains: false,
      otherDomains: [],
      target: { addresses: ["192.0.2.11", "192.0.2.12"] },
    });
    await stack("examples/dns", "up", "--yes");
    assert.deepEqual(await bind.dig("hub.uni.test", "A"), ["192.0.2.11", "192.0.2.12"]);
    assert.deepEqual(await bind.dig("hub.uni.test", "AAAA"), []);
    assert.deepEqual(await bind.dig("alice.hub.uni.test", "CNAME"), []);
    assert.deepEqual(await bind.dig("jupyter.uni.test", "CNAME"), []);
    assert.deepEqual(await bind.dig("www.uni.test", "A"), ["192.0.2.80"]);
  });

  it("takes a name for addresses, and addresses for a name, and takes all away on destroy", async () => {
    await publish({ ...hub, userSubdomains: false, otherDomains: [], target: { name: "lb.example.net" } });
    await stack("examples/dns", "up", "--yes");
    assert.deepEqual(await bind.dig("hub.uni.test", "CNAME"), ["lb.example.net."]);
    await publish(hub);
    await stack("examples/dns", "up", "--yes");
    assert.deepEqual(await bind.dig("hub.uni.test", "A"), ["192.0.2.10"]);
    await stack("examples/dns", "destroy", "--yes");
    for (const type of ["A", "AAAA", "CAA", "CNAME"]) {
      assert.deepEqual(await bind.dig("hub.uni.test", type), [], type);
    }
    assert.deepEqual(await bind.dig("www.uni.test", "A"), ["192.0.2.80"]);
  });
});
