import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { value } from "../components/harness";
import { type StackRunner, stackRunner } from "./stack-run";

const written = {
  variant: "swarm",
  domain: "hub.example.org",
  auth: { kind: "shared-password", users: ["alice"] },
  storage: { shared: true },
  groups: { physics: { members: ["alice"], folder: "read-write" } },
  notebook: {
    profiles: [
      { name: "Small" },
      { name: "Large", image: { kind: "pull", name: "quay.io/jupyter/base-notebook:2026-10-05" } },
    ],
  },
  swarm: {
    nodes: [{ name: "node2", host: "ssh://admin@node2" }],
    registry: { address: "registry:5000", user: "me", password: "hidden" },
    homes: { kind: "shared-path", path: "/mnt/homes" },
    notebooks: { constraints: ["node.role==worker"], ofProfiles: { large: ["node.labels.large==yes"] } },
  },
};

describe("the stack of a Swarm", () => {
  let runner: StackRunner;
  before(async () => {
    runner = await stackRunner();
  });
  after(() => runner.close());
  const make = (more: Record<string, unknown> = {}) => runner.make({ ...written, ...more });

  it("goes on with the secrets from before its state was lost, as the other variants do", async () => {
    for (const one of [
      written,
      { domain: "localhost", auth: written.auth },
      { variant: "lockdown", domain: "localhost", auth: written.auth },
    ]) {
      const kept = {
        "credentials-user-password": "Abcdefgh12345678",
        "credentials-cookie-secret": "a".repeat(64),
      };
      const { registrations, result } = await runner.make(one, {}, kept);
      assert.equal(await value(pulumi.output(result.userPassword)), "Abcdefgh12345678");
      const made = registrations.map(({ name }) => name);
      assert.ok(made.includes("credentials-admin-password"));
      assert.ok(!made.some((name) => name in kept), made.join(", "));
    }
  });

  const configOfService = (
    found: Awaited<ReturnType<typeof make>>,
    name: string,
  ): Record<string, Record<string, unknown>> => {
    const { data } = found.inputs(name) as { data: string };
    return JSON.parse(Buffer.from(data, "base64").toString()) as Record<string, Record<string, unknown>>;
  };

  it("offers what one host offers, from the registry, with a pre-puller for each image", async () => {
    const found = await make();
    const services = found.ofType("docker:index/service:Service").map(({ inputs }) => inputs["name"]);
    assert.deepEqual([...services].sort(), [
      "jupyterhub-dev-docker-filter",
      "jupyterhub-dev-firewall",
      "jupyterhub-dev-hub",
      "jupyterhub-dev-pre-puller",
      "jupyterhub-dev-pre-puller-large",
      "jupyterhub-dev-proxy",
      "jupyterhub-dev-redis",
      "jupyterhub-dev-routes-server",
    ]);
    const { spawner, storage, groups } = configOfService(
      found,
      "jupyterhub-dev-hub-etc-jupyterhub-config-json",
    );
    assert.equal(spawner?.["image"], "sha256:built-images-notebook");
    const profiles = spawner["profiles"] as { slug: string; image: string }[];
    assert.deepEqual(
      profiles.map(({ slug, image }) => [slug, image]),
      [
        ["small", "sha256:built-images-notebook"],
        ["large", "sha256:built-images-notebook-large"],
      ],
    );
    assert.deepEqual(spawner["prePullers"], {
      "sha256:built-images-notebook": "jupyterhub-dev-pre-puller",
      "sha256:built-images-notebook-large": "jupyterhub-dev-pre-puller-large",
    });
    assert.deepEqual((storage?.["home"] as { tree: string }).tree, "/mnt/homes");
    assert.deepEqual(Object.keys(groups ?? {}), ["physics"]);
    const firewall = spawner["firewall"] as Record<string, string>;
    assert.equal(firewall["service"], "jupyterhub-dev-firewall");
    const filter = configOfService(found, "jupyterhub-dev-docker-filter-etc-jupyterhub-filter-json");
    assert.deepEqual(filter["images"], [
      "sha256:built-images-notebook",
      "sha256:built-images-notebook-large",
    ]);
    assert.deepEqual(filter["swarm"]?.["firewall"], firewall);
    // No hub is there before the rules are. When all goes, servers go before the rules that hold them.
    for (const [type, needed] of [
      ["jupyterhub:swarm:SwarmDockerFilter", ["firewall-ready"]],
      ["jupyterhub:spawner:NotebookServers", ["firewall-service", "network-notebooks"]],
    ] as const) {
      const [one] = found.ofType(type);
      const dependencies = (one?.options.dependencies ?? []).map((urn) => urn.split("::").at(-1) ?? "");
      for (const name of needed) {
        assert.ok(dependencies.includes(name), `${type} does not wait for ${name}`);
      }
    }
  });

  it("ends with the probe where that is wanted, and only there", async () => {
    const isCheck = ({ name }: { name: string }) => name === "self-check-probes";
    assert.equal((await make()).registrations.some(isCheck), false);
    const found = await make({ network: { selfCheck: true } });
    const { environment, triggers } = found.inputs("self-check-probes");
    assert.equal((environment as Record<string, string>)["STACK_PREFIX"], "jupyterhub-dev");
    assert.ok((triggers as string[]).includes("network-notebooks-id"));
  });

  it("has the outputs of one host, with the entry nodes' addresses in the DNS, and its nodes", async () => {
    const { result } = await make();
    const records = await value(pulumi.output(result.dnsRecords));
    assert.deepEqual(
      records.map(({ name, type, value }) => [name, type, value]),
      [["hub.example.org", "A", "192.0.2.1"]],
    );
    for (const name of ["url", "caCertificate", "certificateExpiry", "zoneFile", "nodes", "userPassword"]) {
      assert.ok(name in result, name);
    }
    assert.ok(!("serviceTokens" in result));
  });

  it("speaks plain HTTP behind a load balancer", async () => {
    const found = await make({ tls: { kind: "off", trustedProxies: ["192.0.2.0/24"] } });
    const { endpointSpec } = found.inputs("proxy-service") as {
      endpointSpec: { ports: { publishedPort: number; targetPort: number }[] };
    };
    assert.deepEqual(
      endpointSpec.ports.map(({ publishedPort, targetPort }) => [publishedPort, targetPort]),
      [[80, 8080]],
    );
    assert.equal(found.result.caCertificate, undefined);
  });
});
