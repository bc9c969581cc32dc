import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { FirewallImage } from "../../../../components/image/firewall-image";
import { addressPlan } from "../../../../components/network/addresses";
import { EgressProxy } from "../../../../components/network/egress-proxy";
import { Firewall } from "../../../../components/network/firewall";
import { renderFirewall } from "../../../../components/network/firewall-settings";
import { Networks } from "../../../../components/network/networks";
import { SelfCheck } from "../../../../components/network/self-check";
import { run } from "../harness";

const prefix = "jupyterhub-test";
const logging = { maxSize: "10m", maxFiles: 3 };
const addresses = addressPlan(prefix, "10.200.8.0/21");

describe("FirewallImage", () => {
  it("is built for the host's platform, and found with all else of its stack", async () => {
    const { inputs } = await run(
      () => new FirewallImage("firewall-image", { prefix, platform: "linux/arm64" }),
    );
    assert.deepEqual(inputs("firewall-image-build"), {
      imageName: "jupyterhub-test-firewall:current",
      build: { context: "./images/firewall", platform: "linux/arm64", args: { STACK: prefix } },
      buildOnPreview: false,
      skipPush: true,
    });
  });
});

describe("Firewall", () => {
  const make = (internet = false) =>
    run(
      () =>
        new Firewall("firewall", {
          prefix,
          image: "sha256:firewall",
          addresses,
          reach: { internet, allow: [] },
          logging,
        }),
    );

  it("is on the host's network with one capability, and has nothing to write on but memory", async () => {
    const { inputs, find } = await make();
    const { envs, healthcheck, labels, ...rest } = inputs("firewall-container");
    assert.ok(healthcheck);
    assert.ok(labels);
    assert.deepEqual(rest, {
      name: "jupyterhub-test-firewall",
      image: "sha256:firewall",
      restart: "unless-stopped",
      init: true,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      networkMode: "host",
      wait: true,
      user: "0:0",
      readOnly: true,
      destroyGraceSeconds: 15,
      volumes: [{ hostPath: "/run/systemd/resolve", containerPath: "/host/resolve", readOnly: true }],
      tmpfs: { "/run": "rw,noexec,nosuid,nodev,size=1m" },
      memory: 128,
      memorySwap: 128,
    });
    assert.deepEqual(envs, [`FIREWALL=${renderFirewall(addresses, { internet: false, allow: [] })}`]);
    assert.equal(find("firewall-container").options.deleteBeforeReplace, true);
  });
  it("is made anew when what may be reached changes", async () => {
    assert.notDeepEqual(
      (await make(true)).inputs("firewall-container"),
      (await make(false)).inputs("firewall-container"),
    );
  });
});

describe("renderFirewall", () => {
  it("names what notebooks may connect to, and whose bridge reaches public addresses only", () => {
    assert.deepEqual(
      JSON.parse(
        renderFirewall(addresses, {
          internet: false,
          allow: [{ to: "192.168.7.20", ports: [5432, 443] }],
          egressPort: 3128,
        }),
      ),
      {
        table: addresses.table,
        bridge: addresses.bridges.notebooks,
        subnet: "10.200.8.0/21",
        infrastructure: ["10.200.8.2", "10.200.8.3", "10.200.8.4"],
        services: [
          { address: "10.200.8.2", port: 8081 },
          { address: "10.200.8.4", port: 3128 },
        ],
        internet: false,
        allowed: [{ network: "192.168.7.20/32", ports: [443, 5432] }],
        publicOnly: [addresses.bridges.egress],
      },
    );
  });
});

describe("Networks of a lockdown", () => {
  const options = async (isolatedGateway: boolean) => {
    const { inputs } = await run(
      () => new Networks("network", { prefix, addresses, closed: true, isolatedGateway, egress: true }),
    );
    return inputs;
  };
  it("are closed for notebooks, and have one for the way out", async () => {
    const inputs = await options(false);
    const notebooks = inputs("network-notebooks");
    assert.equal(notebooks["internal"], true);
    assert.deepEqual(notebooks["ipamConfigs"], [
      { subnet: "10.200.8.0/21", gateway: "10.200.8.1", ipRange: "10.200.12.0/22" },
    ]);
    assert.deepEqual(notebooks["options"], { "com.docker.network.bridge.name": addresses.bridges.notebooks });
    assert.equal(inputs("network-egress")["internal"], false);
  });
  it("keep the host itself off, with engines that can", async () => {
    assert.deepEqual((await options(true))("network-notebooks")["options"], {
      "com.docker.network.bridge.name": addresses.bridges.notebooks,
      "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
    });
  });
});

describe("EgressProxy", () => {
  const make = (allow: { host: string; ports: number[]; groups?: string[] }[]) =>
    run(
      () =>
        new EgressProxy("egress", {
          prefix,
          image: "sha256:hub",
          allow,
          networks: { notebooks: "nb", address: "10.200.8.4", egress: "out" },
          logging,
        }),
    );
  const one = { host: "packages.example.org", ports: [443] };
  const other = { host: "*.example.org", ports: [443, 80], groups: ["b", "a"] };

  it("has a leg on each side, no privilege, and its key as a secret file", async () => {
    const { inputs } = await make([one]);
    const { uploads, networksAdvanced, user } = inputs("egress-container");
    assert.equal(user, "10001:10001");
    assert.deepEqual(networksAdvanced, [
      { name: "nb", ipv4Address: "10.200.8.4", aliases: ["egress"] },
      { name: "out" },
    ]);
    const [settings, key] = uploads as { file: string; content: unknown }[];
    assert.deepEqual(JSON.parse(settings?.content as string), {
      version: 1,
      listen: "0.0.0.0:3128",
      allow: [{ host: "packages.example.org", ports: [443], groups: null }],
    });
    assert.deepEqual(key?.content, { secret: "hex-of-egress-key" });
  });
  it("is the same whatever order the list is in", async () => {
    const first = await make([one, other]);
    const second = await make([{ ...other, ports: [80, 443], groups: ["a", "b"] }, one]);
    assert.deepEqual(second.inputs("egress-container"), first.inputs("egress-container"));
  });
});

describe("SelfCheck", () => {
  it("runs again when one of its triggers changes, and prints what is wrong only", async () => {
    const { inputs } = await run(
      () =>
        new SelfCheck("self-check", {
          prefix,
          docker: { host: "ssh://a@b" },
          triggers: ["one", pulumi.output("two")],
        }),
    );
    assert.deepEqual(inputs("self-check-probes"), {
      create: "node tasks/run.cjs self-check",
      environment: { STACK_PREFIX: prefix, DOCKER_HOST: "ssh://a@b" },
      triggers: ["one", "two"],
      logging: "stderr",
    });
  });
});
