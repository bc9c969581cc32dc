import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";

import { SwarmDockerFilter } from "../../../../components/swarm/docker-filter";
import { SwarmFirewall } from "../../../../components/swarm/firewall";
import { SwarmImages } from "../../../../components/swarm/images";
import { OverlayNetworks } from "../../../../components/swarm/networks";
import { PrePuller } from "../../../../components/swarm/pre-puller";
import { swarmStorage } from "../../../../components/swarm/storage";
import { SwarmMembers } from "../../../../components/swarm/swarm-members";
import { run } from "../harness";
import { hubConfig } from "../hub-settings";

const prefix = "jupyterhub-test";
const logging = { maxSize: "10m", maxFiles: 3 };
const image = "registry:5000/hub@sha256:1";
const auth = { serverAddress: "registry:5000", username: "me", password: "hidden" };

const firewall = { service: "jupyterhub-test-firewall", gate: "/dev/shm/jupyterhub_1" };

function networks() {
  return {
    notebooks: new docker.Network("notebooks", { name: "n" }),
    control: new docker.Network("control", { name: "c" }),
  };
}

interface ServiceInputs {
  readonly taskSpec: {
    readonly containerSpec: Record<string, unknown> & {
      readonly mounts: unknown;
      readonly configs: readonly { readonly configId: string }[];
    };
    readonly networksAdvanceds: unknown;
    readonly restartPolicy: unknown;
    readonly placement: unknown;
  };
  readonly mode: unknown;
  readonly endpointSpec: unknown;
  readonly auth: unknown;
}

describe("services of a Swarm", () => {
  it("the Docker filter is on every manager, with the socket, and the homes' folder only", async () => {
    const { inputs, ofType } = await run(
      () =>
        new SwarmDockerFilter("docker-filter", {
          prefix,
          image,
          auth,
          platform: "linux/arm64",
          docker: {},
          logging,
          networks: networks(),
          images: ["registry:5000/notebook@sha256:2"],
          storage: swarmStorage(prefix, hubConfig().storage, { kind: "shared-path", path: "/mnt/homes" }),
          limits: hubConfig().notebook.limits,
          constraints: ["node.role==worker"],
          data: undefined,
          prePullers: ["jupyterhub-test-pre-puller"],
          firewall,
        }),
    );
    const service = inputs("docker-filter-service") as unknown as ServiceInputs;
    const { containerSpec } = service.taskSpec;
    assert.deepEqual(containerSpec.mounts, [
      { type: "bind", source: "/var/run/docker.sock", target: "/run/docker.sock" },
      { type: "bind", source: "/mnt/homes", target: "/host/mnt/homes" },
    ]);
    assert.deepEqual(containerSpec["capDrops"], ["ALL"]);
    assert.deepEqual(containerSpec["capAdds"], ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"]);
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: ["node.role==manager"],
      platforms: [{ os: "linux", architecture: "arm64" }],
    });
    assert.deepEqual(service.taskSpec.networksAdvanceds, [
      { id: "control-id", aliases: ["docker-filter"], driverOpts: [] },
    ]);
    assert.deepEqual(service.taskSpec.restartPolicy, { condition: "any", delay: "1s", window: "0s" });
    assert.deepEqual(service.endpointSpec, { mode: "dnsrr", ports: [] });
    const [config] = ofType("docker:index/serviceConfig:ServiceConfig");
    const settings = JSON.parse(Buffer.from(config?.inputs["data"] as string, "base64").toString()) as {
      folders: string[];
      parents: string[];
      uid: number;
      swarm: { prePullers: string[]; firewall: unknown };
    };
    assert.deepEqual(settings.folders, []);
    assert.deepEqual(
      settings.parents,
      ["groups", "user-settings", "users"].map((folder) => `/mnt/homes/${folder}`),
    );
    assert.equal(settings.uid, 1000);
    assert.deepEqual(settings.swarm.prePullers, ["jupyterhub-test-pre-puller"]);
    assert.deepEqual(settings.swarm.firewall, firewall);
    // Automatic names: what changes is a new one, and the service follows.
    assert.equal(config?.inputs["name"], undefined);
    const [secret] = ofType("docker:index/secret:Secret");
    assert.ok(typeof (secret?.inputs["data"] as { secret: string }).secret === "string");
  });

  it("the pre-puller is one idle task a node, with the registry's login, and no network of the stack", async () => {
    const manager = { host: "ssh://node1" };
    const args = { prefix, auth, platform: "linux/arm/v7", docker: manager, logging, constraints: [] };
    const made = (digest: string) =>
      run(() => new PrePuller("pre-puller", { ...args, image: digest, networks: networks() }));
    const { inputs } = await made(image);
    const service = inputs("pre-puller-service") as unknown as ServiceInputs;
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: [],
      platforms: [{ os: "linux", architecture: "" }],
    });
    // The provider refuses to wait for a global service, so that a command does, after each change.
    assert.equal(inputs("pre-puller-service")["convergeConfig"], undefined);
    const wait = inputs("pre-puller-ready");
    assert.deepEqual(wait["environment"], { SERVICE: "pre-puller-service-id", DOCKER_HOST: "ssh://node1" });
    assert.deepEqual((await made(image)).inputs("pre-puller-ready")["triggers"], wait["triggers"]);
    assert.notDeepEqual((await made(`${image}2`)).inputs("pre-puller-ready")["triggers"], wait["triggers"]);
    assert.deepEqual(service.taskSpec.networksAdvanceds, []);
    assert.deepEqual(service.auth, auth);
    assert.equal(service.taskSpec.containerSpec["stopGracePeriod"], "2s");
  });
});

describe("the firewall of a Swarm's nodes", () => {
  const made = (options = {}) =>
    run(
      () =>
        new SwarmFirewall("firewall", {
          ...{ prefix, image, auth, platform: "linux/amd64", logging, networks: networks() },
          docker: { host: "ssh://node1" },
          subnets: { notebooks: "172.31.0.0/24", control: "172.31.1.0/24" },
          allow: [{ to: "192.168.7.20", ports: [5432] }],
        }),
      options,
    );

  it("is on every node, and on its own network, which the manager is asked for", async () => {
    const { inputs } = await made();
    const service = inputs("firewall-service") as unknown as ServiceInputs;
    const { containerSpec } = service.taskSpec;
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: [],
      platforms: [{ os: "linux", architecture: "amd64" }],
    });
    assert.deepEqual(service.taskSpec.networksAdvanceds, [
      { id: "hostnetwork00000000000000", aliases: [], driverOpts: [] },
    ]);
    assert.deepEqual(containerSpec["capDrops"], ["ALL"]);
    assert.deepEqual(containerSpec["capAdds"], ["CAP_NET_ADMIN"]);
    assert.deepEqual(inputs("firewall-host-network")["environment"], { DOCKER_HOST: "ssh://node1" });
    assert.deepEqual([containerSpec["user"], containerSpec["readOnly"]], ["0:0", true]);
    assert.deepEqual(containerSpec.mounts, [
      { type: "tmpfs", target: "/run" },
      { type: "bind", source: "/dev/shm", target: "/host/shm" },
    ]);
    const { FIREWALL } = containerSpec["env"] as { FIREWALL: string };
    const { table, ...rules } = JSON.parse(FIREWALL) as Record<string, unknown> & { table: string };
    assert.match(table, /^jupyterhub_[0-9a-f]{8}$/);
    assert.deepEqual(rules, {
      bridge: "docker_gwbridge",
      subnet: null,
      overlays: { notebooks: "172.31.0.0/24", others: ["172.31.1.0/24"] },
      infrastructure: [],
      services: [],
      internet: true,
      allowed: [{ network: "192.168.7.20/32", ports: [5432] }],
      publicOnly: [],
      closedPorts: [
        { protocol: "udp", port: 4789 },
        { protocol: "tcp", port: 2377 },
        { protocol: "tcp", port: 7946 },
        { protocol: "udp", port: 7946 },
      ],
      gate: `/host/shm/${table}`,
    });
  });

  it("can be previewed before there is a network", async () => {
    const { inputs } = await made({ preview: true });
    assert.ok("taskSpec" in inputs("firewall-service"));
  });
});

describe("SwarmImages", () => {
  it("pushes all to the registry, with its login", async () => {
    const { ofType } = await run(
      () =>
        new SwarmImages("images", {
          prefix,
          registry: { address: "registry:5000/folder", user: "me", password: "hidden" },
          proxy: "traefik:v3",
          notebooks: {
            source: { kind: "build", context: "./images/notebook" },
            profiles: [
              { slug: "small" },
              { slug: "large", image: { kind: "pull", name: "quay.io/jupyter/base-notebook:1" } },
            ],
            overrides: {},
          },
          platform: "linux/amd64",
          docker: {},
        }),
    );
    // The order of registrations is not given.
    const roles = ["hub", "proxy", "redis", "firewall", "notebook", "notebook-large"];
    const images = roles.map((role) => {
      const found = ofType("docker:index/image:Image").find(({ name }) => name === `images-${role}`);
      assert.ok(found, role);
      return found.inputs;
    });
    assert.deepEqual(
      images.map(({ imageName }) => imageName),
      roles.map((role) => `registry:5000/folder/${prefix}-${role}:current`),
    );
    for (const { registry, skipPush } of images) {
      assert.deepEqual(registry, { server: "registry:5000", username: "me", password: { secret: "hidden" } });
      assert.notEqual(skipPush, true);
    }
    const { args } = images[5]?.["build"] as { args: Record<string, string> };
    assert.equal(args["IMAGE"], `${prefix}-notebook-large:current`);
    assert.match(args["IMAGE_ID"] ?? "", /^sha256:/);
    // A profile without an image of its own has that of servers without a profile.
    assert.equal(
      ofType("docker:index/image:Image").filter(({ name }) => name === "images-notebook-small").length,
      0,
    );
  });
});

describe("OverlayNetworks", () => {
  const subnets = {
    notebooks: { subnet: "172.31.0.0/24", gateway: "172.31.0.1" },
    control: { subnet: "172.31.1.0/24", gateway: "172.31.1.1" },
  };

  it("has a gateway with each subnet, and an internal network for the APIs", async () => {
    const { inputs } = await run(
      () => new OverlayNetworks("network", { prefix, ...subnets, encrypted: false }),
    );
    const { internal, attachable, driver, ipamConfigs, options } = inputs("network-control");
    assert.deepEqual([internal, attachable, driver, options], [true, false, "overlay", undefined]);
    assert.deepEqual(ipamConfigs, [subnets.control]);
  });

  it("is another network when it is encrypted", async () => {
    const { inputs } = await run(
      () => new OverlayNetworks("network", { prefix, ...subnets, encrypted: true }),
    );
    assert.deepEqual(inputs("network-notebooks-encrypted")["options"], { encrypted: "" });
  });
});

describe("SwarmMembers", () => {
  it("runs again for a new list of machines", async () => {
    const nodes = [{ name: "node1", host: "ssh://node1", role: "worker" as const }];
    const { inputs } = await run(
      () => new SwarmMembers("swarm", { docker: { host: "ssh://node0" }, advertise: undefined, nodes }),
    );
    const { triggers, environment } = inputs("swarm-join");
    assert.deepEqual(triggers, [JSON.stringify(nodes)]);
    assert.equal((environment as Record<string, string>)["DOCKER_HOST"], "ssh://node0");
  });
});
