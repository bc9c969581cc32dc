import assert from "node:assert/strict";

import { addressPlan } from "../../../../components/network/addresses";
import { Firewall } from "../../../../components/network/firewall";
import { renderFirewall } from "../../../../components/network/firewall-settings";
import { run } from "../harness";

const prefix = "jupyterhub-test";

const logging = { maxSize: "10m", maxFiles: 3 };

const addresses = addressPlan(prefix, "10.200.8.0/21");

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
