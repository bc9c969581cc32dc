import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import {
  differences,
  type FoundNetwork,
  listed,
  lookAtNetwork,
  type NetworkNotice,
  wantedNetwork,
} from "../../../preflight/notebooks-network";
import { configOf, contextWith, MINIMAL } from "../config/support";

const ISOLATED = { "com.docker.network.bridge.gateway_mode_ipv4": "isolated" };

const configWith = (values: Readonly<Record<string, unknown>> = {}): HubConfig =>
  configOf(parseConfig({ ...MINIMAL, name: "jh", ...values }, contextWith())) as unknown as HubConfig;

/** The network that a configuration makes, as the engine lists it. */
function made(config: HubConfig, changes: Partial<FoundNetwork> = {}, isolated = false): FoundNetwork {
  const { name, driver, internal, options, subnet, gateway, ipRange } = wantedNetwork(config, isolated);
  return {
    Name: name,
    Driver: driver,
    Internal: internal,
    Options: options,
    Labels: { "org.jupyterhub.stack": config.name, "org.jupyterhub.role": "notebooks" },
    IPAM: {
      Config: [{ Subnet: subnet, Gateway: gateway, ...(ipRange === undefined ? {} : { IPRange: ipRange }) }],
    },
    ...changes,
  };
}

const server = (user: string, role = "user") => ({
  Labels: { "org.jupyterhub.role": role, "org.jupyterhub.user": user },
});

/** Looks at an engine that has these. */
async function look(
  config: HubConfig,
  networks: readonly FoundNetwork[],
  containers: readonly unknown[] = [server("bob"), server("alice"), server("bob"), server("x", "proxy")],
  services: readonly unknown[] = [],
): Promise<NetworkNotice> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  const engine = createServer(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://engine");
    const found = { "/networks": networks, "/containers/json": containers, "/services": services }[pathname];
    // Only what is the stack's own is asked for.
    const mine = searchParams.get("filters") === `{"label":["org.jupyterhub.stack=${config.name}"]}`;
    response.writeHead(found && mine ? 200 : 500).end(JSON.stringify(found ?? {}));
  });
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  try {
    return await lookAtNetwork(config, { host: `unix://${socket}` });
  } finally {
    await new Promise((resolve) => engine.close(resolve));
    await rm(folder, { recursive: true });
  }
}

describe("the notebooks' network that is there", () => {
  const single = configWith();
  const lockdown = configWith({ variant: "lockdown" });

  it("says nothing where it stays", async () => {
    for (const config of [single, lockdown]) {
      assert.deepEqual(await look(config, [made(config)]), { isolatedGateway: false, sentences: [] });
    }
    assert.deepEqual(
      differences(
        made(single, { Options: { ...made(single).Options, "com.docker.network.enable_ipv4": "true" } }),
        wantedNetwork(single, false),
      ),
      [],
    );
  });

  it("keeps what it has of the host, whatever a newer or older engine would do", async () => {
    assert.equal((await look(lockdown, [made(lockdown)])).isolatedGateway, false);
    const isolated = await look(lockdown, [made(lockdown, {}, true)]);
    assert.deepEqual(isolated, { isolatedGateway: true, sentences: [] });
  });

  it("is as the engine can have it where it is made anew all the same, or for the first time", async () => {
    const moved = configWith({ variant: "lockdown", network: { subnet: "10.50.0.0/24" } });
    assert.equal((await look(moved, [made(lockdown)])).isolatedGateway, undefined);
    assert.deepEqual(await look(lockdown, []), { isolatedGateway: undefined, sentences: [] });
  });

  it("is told of, with whose servers stop, where its addresses change", async () => {
    const config = configWith({ network: { subnet: "10.50.0.0/24" } });
    const { sentences } = await look(config, [made(single)]);
    assert.equal(sentences.length, 1);
    assert.match(
      sentences[0] ?? "",
      /^The notebooks' network is recreated \(addresses: 10\.\d+\.\d+\.0\/21 → 10\.50\.0\.0\/24\): the running servers of alice and bob will stop\./,
    );
    assert.deepEqual((await look(config, [made(single)], [server("x", "hub")])).sentences, []);
    assert.match(
      (await look(config, [made(single)], [server("zoë")])).sentences[0] ?? "",
      /the running server of zoë will/,
    );
  });

  const changes: [string, HubConfig, Partial<FoundNetwork>, RegExp][] = [
    ["a variant", lockdown, made(single), /a route out of the host: yes → no/],
    ["a name", single, { Name: "jh-old" }, /name: jh-old → jh-notebooks/],
    ["a driver", single, { Driver: "macvlan" }, /driver: macvlan → bridge/],
    ["an option more", single, { Options: {} }, /option com\.docker\.network\.bridge\.name: none → jhn-/],
    [
      "an option less",
      single,
      { Options: { ...made(single).Options, mtu: "1400" } },
      /option mtu: 1400 → none/,
    ],
    [
      "another option",
      single,
      { Options: { ...made(single).Options, ...ISOLATED } },
      /gateway_mode_ipv4: isolated → none/,
    ],
    [
      "a range",
      single,
      { IPAM: { Config: [{ ...made(single).IPAM.Config?.[0], IPRange: "10.0.0.0/22" }] } },
      /range of addresses: 10\.0\.0\.0\/22 → /,
    ],
    ["no addresses", single, { IPAM: { Config: null } }, /addresses: none → /],
  ];
  for (const [what, config, change, reason] of changes) {
    it(`is told of where it is another by ${what}`, async () => {
      const [sentence = ""] = (await look(config, [{ ...made(config), ...change }])).sentences;
      assert.match(sentence, reason);
      assert.match(sentence, /alice and bob will stop/);
    });
  }

  it("is a Swarm's, with servers that are services", async () => {
    const swarm = {
      variant: "swarm",
      swarm: {
        registry: { address: "registry.example.org:5000" },
        homes: { kind: "nfs", server: "nfs.example.org", export: "/export" },
      },
    };
    const config = configWith(swarm);
    const services = [{ Spec: server("dora") }];
    const engines = { Options: { "com.docker.network.driver.overlay.vxlanid_list": "4097" } };
    assert.deepEqual((await look(config, [made(config, engines)], [], services)).sentences, []);
    const encrypted = configWith({ ...swarm, swarm: { ...swarm.swarm, network: { encrypted: true } } });
    assert.match(
      (await look(encrypted, [made(config, engines)], [], services)).sentences[0] ?? "",
      /\(name: jh-notebooks → jh-notebooks-encrypted\): the running server of dora will stop/,
    );
    // From a Swarm to one host, and the other way.
    assert.match(
      (await look(single, [made(config)], [], services)).sentences[0] ?? "",
      /overlay → bridge.*dora/,
    );
    assert.match((await look(config, [made(single)])).sentences[0] ?? "", /bridge → overlay.*alice and bob/);
  });

  it("fails with the engine, and never takes one that does not answer for one without a network", async () => {
    await assert.rejects(lookAtNetwork(single, { host: "unix:///nowhere/docker.sock" }), /ENOENT/);
  });

  it("names as many as a sentence holds", () => {
    assert.equal(listed(["a"]), "a");
    assert.equal(listed(["a\u001b[2J", "王小明"]), "a\\u{1b}[2J and 王小明");
    assert.equal(listed(["a", "b", "c"]), "a, b and c");
    assert.equal(listed(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});
