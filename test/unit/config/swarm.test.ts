import assert from "node:assert/strict";

import { serversThatFit } from "../../../config/checks/swarm";
import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { parseCidr } from "../../../config/values/cidr";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

const swarm = {
  registry: { address: "registry.example.org:5000", user: "jupyterhub", password: "hidden-password" },
  homes: { kind: "shared-path", path: "/mnt/homes" },
};
const messages = (more: Record<string, unknown>) =>
  messagesWith({ variant: "swarm", swarm: { ...swarm, ...more } }).join("\n");

describe("a Swarm's network of notebooks", () => {
  it("holds servers, less what network, nodes, hub and proxies take", () => {
    const fit = (text: string, nodes: number) =>
      serversThatFit(parseCidr(text) ?? assert.fail(text), nodes, 1);
    assert.equal(fit("172.31.0.0/24", 3), 248);
    assert.equal(fit("172.31.0.0/28", 20), 0);
  });
});

describe("configuration of a Swarm", () => {
  it("has its defaults, and keeps the registry's password out of sight", () => {
    const config = configOf(parseConfig({ ...MINIMAL, variant: "swarm", swarm }, contextWith()));
    assert.ok(config.variant === "swarm");
    const { registry, homes, ...others } = config.swarm;
    assert.deepEqual(others, {
      nodes: [],
      network: { subnet: "172.31.0.0/24", control: "172.31.1.0/24", encrypted: false },
      proxy: { replicas: 1, constraints: ["node.role==manager"] },
      notebooks: { constraints: [], ofProfiles: {}, ofGroups: {}, reservedMemory: 0, reservedCpus: 0 },
      data: { kind: "local" },
    });
    assert.deepEqual([registry.address, homes], ["registry.example.org:5000", swarm.homes]);
    assert.equal(config.swarm.registry.password, "swarm_registry_password");
    assert.equal(secretsFor(config, "registry")["swarm_registry_password"], "hidden-password");
  });

  it("is in no configuration of one host, whatever its section says", () => {
    for (const variant of ["single-host", "lockdown"]) {
      const config = configOf(parseConfig({ ...MINIMAL, variant, swarm }, contextWith()));
      assert.deepEqual([config.variant, "swarm" in config], [variant, false]);
    }
  });

  it("needs a registry, and homes that are there on every node", () => {
    const text = messagesWith({ variant: "swarm" }).join("\n");
    assert.match(text, /swarm\.registry\.address: expected a registry that all nodes reach/);
    assert.match(text, /swarm\.homes: expected where homes are: .* or local with pinned: true/);
  });

  it("refuses local homes that nobody said are pinned", () => {
    for (const more of [{}, { pinned: false }]) {
      const text = messages({ homes: { kind: "local", ...more } });
      assert.match(text, /swarm\.homes\.pinned: expected true.* 'jupyterhub:swarm\.homes\.pinned' true$/m);
    }
    const result = parseConfig(
      { ...MINIMAL, variant: "swarm", swarm: { ...swarm, homes: { kind: "local", pinned: true } } },
      contextWith(),
    );
    assert.match(warningsOf(result).join("\n"), /while a node is down, its users have no files/);
  });

  it("refuses networks that overlap each other or are too small", () => {
    assert.match(
      messages({ network: { control: "172.31.0.128/25" } }),
      /swarm\.network\.control: expected a network that does not overlap 172\.31\.0\.0\/24/,
    );
    assert.match(
      messages({ network: { servers: 1000 } }),
      /addresses for 1000 notebook servers: \/22 or larger, got 172\.31\.0\.0\/24, which has 250/,
    );
    assert.match(messages({ network: { subnet: "172.31.0.7/24" } }), /a network's first address/);
  });

  it("refuses half a login, a machine twice, and a constraint that is none", () => {
    const half = messages({ registry: { address: "r:5000", user: "me" } });
    assert.match(half, /registry\.password: expected user and password, or neither, got no password/);
    assert.match(half, /--secret --path 'jupyterhub:swarm\.registry\.password'/);
    const node = { name: "node1", host: "ssh://admin@node1" };
    assert.match(messages({ nodes: [node, node] }), /"node1" twice\. Remove it with: .*nodes\[1\]'$/);
    assert.match(messages({ notebooks: { constraints: ["role=worker"] } }), /a placement constraint such as/);
  });

  it("refuses what all nodes would have to share, unless they do", () => {
    const local = { ...swarm, homes: { kind: "local", pinned: true } };
    const more = { storage: { shared: true, labSettings: { apart: true } } };
    const text = messagesWith({ variant: "swarm", swarm: local, ...more }).join("\n");
    assert.match(text, /swarm\.homes\.kind: expected shared-path, for storage\.shared: .*got local/);
    assert.match(text, /shared-path, for storage\.labSettings\.apart/);
    assert.deepEqual(messagesWith({ variant: "swarm", swarm, ...more }), []);
  });

  it("refuses what a Swarm cannot do, each with the fix", () => {
    const text = messagesWith({
      variant: "swarm",
      swarm,
      database: { kind: "postgres" },
      notebook: { gpus: 1 },
      storage: { homes: { kind: "temporary" } },
    }).join("\n");
    assert.match(text, /database\.kind: expected sqlite, or url .* got postgres/);
    assert.match(text, /notebook\.gpus: expected no GPUs: services of a Swarm/);
    assert.match(text, /storage\.homes: expected only mountPath: .* got kind temporary\. Remove it with/);
  });

  it("refuses constraints of profiles and groups that there are not", () => {
    const constraint = ["node.labels.large==yes"];
    assert.match(
      messages({ notebooks: { ofProfiles: { large: constraint }, ofGroups: { physics: constraint } } }),
      /ofProfiles\.large: expected the name of a profile, but there are none.* rm .*\.ofProfiles\.large'\n.*ofGroups\.physics: expected the name of a group/,
    );
  });

  it("warns of two managers", () => {
    const nodes = [{ name: "node1", host: "ssh://admin@node1", role: "manager" }];
    const result = parseConfig({ ...MINIMAL, variant: "swarm", swarm: { ...swarm, nodes } }, contextWith());
    assert.match(warningsOf(result).join("\n"), /two managers are worse than one/);
  });

  it("warns of addresses of one host's network, which have no effect", () => {
    const result = parseConfig(
      { ...MINIMAL, variant: "swarm", swarm, network: { subnet: "10.200.8.0/21" } },
      contextWith(),
    );
    assert.match(warningsOf(result).join("\n"), /network\.subnet: has no effect in a Swarm/);
  });

  it("is not looked at by the other variants", () => {
    assert.deepEqual(messagesWith({}), []);
  });
});
