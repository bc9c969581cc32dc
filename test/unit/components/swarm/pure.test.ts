import assert from "node:assert/strict";
import Docker from "dockerode";
import { stringify } from "yaml";

import { losesQuorum, updateNode } from "../../../../cli/node/cluster";
import { needSwarm, settingsOf } from "../../../../cli/node/stack-file";
import { hubSettings } from "../../../../components/hub/settings";
import { apiConfiguration } from "../../../../components/proxy/api";
import { staticSettings } from "../../../../components/proxy/static-configuration";
import { entryAddresses, nodeOutputs } from "../../../../components/swarm/entry";
import { swarmStorage } from "../../../../components/swarm/storage";
import { settingsTree, staticConfiguration } from "../../../../components/swarm/traefik";
import { parseStackFile } from "../../../../config/stack-file";
import type { NodeAnswer, SwarmInfo } from "../../../../docker-api/swarm";
import { managerProblem } from "../../../../preflight/swarm";
import { removeOldImages } from "../../../../tasks/swarm/old-images";
import { dockerWiring, hubConfig, swarmWiring } from "../hub-settings";

function node(name: string, role: "manager" | "worker", more: Partial<NodeAnswer> = {}): NodeAnswer {
  return {
    ID: `id-${name}`,
    Version: { Index: 1 },
    Spec: { Role: role, Availability: "active", Labels: { entry: "yes" } },
    Description: { Hostname: name },
    Status: { State: "ready", Addr: `10.0.0.${name.slice(-1)}` },
    ...(role === "manager" ? { ManagerStatus: { Addr: "10.0.0.9:2377", Reachability: "reachable" } } : {}),
    ...more,
  };
}

describe("settings of a Swarm's hub", () => {
  it("are those of any hub but for servers and routes", () => {
    const written = {
      variant: "swarm",
      notebook: { profiles: [{ name: "Large" }] },
      swarm: {
        registry: { address: "registry:5000" },
        homes: { kind: "local", pinned: true },
        notebooks: {
          constraints: ["node.role==worker", "node.labels.a==b"],
          ofProfiles: { large: ["node.labels.large==yes"] },
          reservedMemory: "512m",
        },
      },
      servers: { lastActivityInterval: "4m" },
    };
    const config = hubConfig(written);
    const { notebook, servers: times } = written;
    const onOneHost = hubSettings(hubConfig({ notebook, servers: times }), {
      ...dockerWiring,
      visitors: swarmWiring.visitors,
    });
    const { proxy, spawner, servers, ...others } = hubSettings(config, swarmWiring);
    assert.deepEqual({ ...onOneHost, ...others }, onOneHost);
    assert.deepEqual(proxy, {
      kind: "traefik-redis",
      apiUrl: "http://proxy-api:8099",
      apiUser: "hub",
      redisUrl: "redis://redis:6379",
      entryPoint: "websecure",
    });
    // Routes that were lost with their store are there again a minute later.
    assert.deepEqual(servers, { ...onOneHost.servers, lastActivityInterval: 60 });
    assert.deepEqual(spawner, {
      ...onOneHost.spawner,
      kind: "swarm",
      reservation: { memory: 512 * 1024 ** 2, cpus: 0 },
      placement: {
        everybody: ["node.labels.a==b", "node.role==worker"],
        profiles: { large: ["node.labels.large==yes"] },
        groups: {},
      },
      pinned: true,
      prePullers: swarmWiring.prePullers,
      firewall: swarmWiring.firewall,
    });
  });

  it("mount an NFS export by the local driver, as a volume of its own for each place", () => {
    const nfs = { kind: "nfs", server: "nfs", export: "/export", options: "rw" } as const;
    const homes = (over: object) =>
      swarmStorage("jh", hubConfig().storage, { ...nfs, ...over }).homes as { name: string };
    const { name, ...rest } = homes({});
    assert.deepEqual(rest, {
      kind: "volume",
      driver: "local",
      options: { type: "nfs", o: "addr=nfs,rw", device: ":/export/{username}" },
      mountPath: "/home/jovyan",
    });
    assert.match(name, /^jh-home-[0-9a-f]{8}-\{username\}$/);
    assert.equal(homes({}).name, name);
    assert.notEqual(homes({ server: "nfs2" }).name, name);
    assert.equal(
      "name" in swarmStorage("jh", hubConfig().storage, { kind: "local", pinned: true }).homes,
      false,
    );
  });
});

describe("Traefik's files in a Swarm", () => {
  const flags = {
    listener: { kind: "certificate" as const },
    trustedProxies: [],
    httpsPort: 443,
    redirect: true,
    logLevel: "INFO",
    accessLog: false,
    metrics: false,
  };

  it("say what the flags of a single host say", () => {
    const some = settingsTree([
      ["a", "true"],
      ["a.b", "1"],
      ["c.d", "x"],
      ["c", "true"],
    ]);
    assert.deepEqual(some, { a: { b: "1" }, c: { d: "x" } });
    const tree = settingsTree(staticSettings({ ...flags, pollInterval: "1s", apiHost: "" })) as {
      entryPoints: Record<string, { address: string }>;
    };
    assert.equal(tree.entryPoints["websecure"]?.address, ":8443");
  });

  it("ask for the routes, and have the API on all networks", () => {
    const file = JSON.parse(staticConfiguration(flags)) as {
      providers: Record<string, unknown>;
      entryPoints: Record<string, { address: string }>;
    };
    assert.deepEqual(file.providers["http"], {
      endpoint: "http://routes:8096/routes.json",
      pollInterval: "1s",
      pollTimeout: "4s",
    });
    assert.deepEqual(file.providers["file"], { directory: "/srv/proxy", watch: "true" });
    assert.equal(file.entryPoints["api"]?.address, ":8099");
  });

  it("let only the control network ask the API, with the password", () => {
    const api = { user: "hub", password: "secret", sources: ["172.31.1.0/24"], metrics: false };
    const { http } = JSON.parse(apiConfiguration(api)) as {
      http: { routers: Record<string, { middlewares: string[] }>; middlewares: Record<string, unknown> };
    };
    assert.deepEqual(http.routers["api"]?.middlewares, ["api-sources", "api-login"]);
    assert.deepEqual(http.middlewares["api-sources"], { ipAllowList: { sourceRange: ["172.31.1.0/24"] } });
    assert.doesNotMatch(JSON.stringify(http), /secret/);
    assert.deepEqual(Object.keys(http.routers), ["api"]);
  });

  it("let only the control network have the figures", () => {
    const file = JSON.parse(staticConfiguration({ ...flags, metrics: true })) as {
      metrics: { prometheus: Record<string, string> };
      entryPoints: Record<string, { address: string }>;
    };
    // Without a router of one's own, they are there for whoever reaches the entry point.
    assert.equal(file.metrics.prometheus["manualRouting"], "true");
    assert.equal("entryPoint" in file.metrics.prometheus, false);
    assert.equal(file.entryPoints["metrics"]?.address, ":8097");
    const { http } = JSON.parse(
      apiConfiguration({ user: "hub", password: "secret", sources: ["172.31.1.0/24"], metrics: true }),
    ) as { http: { routers: Record<string, object> } };
    assert.deepEqual(http.routers["metrics"], {
      rule: "Path(`/metrics`)",
      entryPoints: ["metrics"],
      service: "prometheus@internal",
      middlewares: ["api-sources"],
    });
  });
});

describe("outputs of a Swarm", () => {
  const nodes = [
    node("node2", "worker"),
    node("node1", "manager", { Status: { State: "ready", Addr: "0.0.0.0" } }),
  ];

  it("list nodes by name, with the images' presence and an address that others can use", () => {
    assert.deepEqual(
      nodeOutputs(nodes, new Set(["id-node2"])).map(({ name, address, imagesPresent }) => [
        name,
        address,
        imagesPresent,
      ]),
      [
        ["node1", "10.0.0.9", false],
        ["node2", "10.0.0.2", true],
      ],
    );
  });

  it("know the entry nodes", () => {
    assert.deepEqual(entryAddresses(nodes, ["node.role==worker", "node.labels.entry==yes"]), ["10.0.0.2"]);
    assert.deepEqual(entryAddresses(nodes, ["node.labels.entry!=yes"]), []);
  });
});

describe("checks of a Swarm before anything is planned", () => {
  const info = (Swarm: Partial<SwarmInfo["Swarm"]>): SwarmInfo => ({
    Name: "node2",
    Swarm: { LocalNodeState: "active", ControlAvailable: true, NodeID: "n", NodeAddr: "10.0.0.2", ...Swarm },
  });

  it("take an engine without a Swarm and a manager, and refuse a worker with the managers' addresses", () => {
    assert.equal(
      managerProblem(info({ LocalNodeState: "inactive", ControlAvailable: false }), "dev"),
      undefined,
    );
    assert.equal(managerProblem(info({}), "dev"), undefined);
    const worker = info({
      ControlAvailable: false,
      RemoteManagers: [{ Addr: "10.0.0.1:2377", NodeID: "m" }],
    });
    assert.match(
      managerProblem(worker, "dev") ?? "",
      /got node2, which is a worker\. Name a manager \(10\.0\.0\.1\)/,
    );
    assert.match(
      managerProblem(info({ LocalNodeState: "locked", ControlAvailable: false }), "dev") ?? "",
      /is locked/,
    );
  });
});

describe("old images of a node", () => {
  const Labels = { "org.jupyterhub.stack": "jh", "org.jupyterhub.role": "notebook-image" };

  it("go, but for those that are offered, run, were built there, or are another stack's", async () => {
    const images = [
      { RepoDigests: ["r/jh-notebook@sha256:new"], RepoTags: [], Labels },
      { RepoDigests: ["r/jh-notebook@sha256:old"], RepoTags: null, Labels },
      { RepoDigests: ["r/jh-notebook@sha256:runs"], RepoTags: [], Labels },
      { RepoDigests: [], RepoTags: ["jh-notebook:current"], Labels },
      { RepoDigests: ["r/jh-hub@sha256:new"], RepoTags: ["r/jh-hub:current"], Labels: null },
      { RepoDigests: ["r/jh-hub@sha256:old"], RepoTags: [], Labels: null },
      { RepoDigests: ["r/jh-redis@sha256:old"], RepoTags: [], Labels: {} },
      { RepoDigests: ["r/jh-hub-two-redis@sha256:old"], RepoTags: [], Labels: {} },
      { RepoDigests: ["other/jh-hub@sha256:old"], RepoTags: [], Labels: {} },
      {
        RepoDigests: ["r/notebook@sha256:1"],
        RepoTags: [],
        Labels: { ...Labels, "org.jupyterhub.stack": "x" },
      },
    ];
    const asked: string[] = [];
    const docker = {
      listImages: () => Promise.resolve(images),
      getImage: (name: string) => ({
        remove: () => {
          asked.push(name);
          return name.endsWith("runs") ? Promise.reject(new Error("in use")) : Promise.resolve();
        },
      }),
    } as unknown as Docker;
    const keep = ["r/jh-notebook@sha256:new", "r/jh-hub@sha256:new"];
    assert.deepEqual(await removeOldImages(docker, { prefix: "jh", registry: "r", keep }), {
      removed: 3,
      used: 1,
    });
    assert.deepEqual(asked, [
      "r/jh-notebook@sha256:old",
      "r/jh-notebook@sha256:runs",
      "r/jh-hub@sha256:old",
      "r/jh-redis@sha256:old",
    ]);
  });
});

describe("./hub node", () => {
  it("reads the stack's file, also where lists are JSON text", () => {
    const file = (config: object, name: string) =>
      parseStackFile(stringify({ config }), { name: "jupyterhub", backendUrl: undefined }, name);
    const stack = settingsOf(
      file(
        {
          "jupyterhub:variant": "swarm",
          "jupyterhub:swarm": '{"nodes":[{"name":"node2","host":"ssh://node2"}]}',
          "jupyterhub:docker": { host: "ssh://node1" },
        },
        "prod",
      ),
    );
    assert.ok(stack);
    assert.deepEqual(stack.address, { host: "ssh://node1" });
    assert.deepEqual(stack.members, [{ name: "node2", host: "ssh://node2", role: "worker" }]);
    assert.deepEqual([stack.mountPath, stack.owner], ["/home/jovyan", { uid: 1000, gid: 100 }]);
    assert.equal(settingsOf(file({}, "dev")), undefined);
    // What is wrong is told as the program tells it.
    assert.throws(
      () =>
        settingsOf(
          file({ "jupyterhub:variant": "swarm", "jupyterhub:swarm": { nodes: [{ nane: "a" }] } }, "p"),
        ),
      /jupyterhub:swarm\.nodes\[0\]\.nane: expected jupyterhub:swarm\.nodes\[0\]\.name \(the nearest known key\)/,
    );
  });

  it("refuses a stack of another variant", () => {
    const file = { project: "jupyterhub", stack: "dev", values: {} };
    assert.throws(
      () => needSwarm({ name: "dev", prefix: "jh", file, docker: new Docker(), tell: () => undefined }),
      /expected a stack with jupyterhub:variant swarm, got "dev"/,
    );
  });

  it("does not take a manager without which there is no majority", () => {
    const three = [node("node1", "manager"), node("node2", "manager"), node("node3", "manager")];
    const [first] = three as [NodeAnswer];
    assert.equal(losesQuorum(three, first), false);
    const lost = node("node2", "manager", { ManagerStatus: { Addr: "", Reachability: "unreachable" } });
    assert.equal(losesQuorum([first, lost, node("node3", "manager")], first), true);
    assert.equal(losesQuorum([first, node("node4", "worker")], first), true);
    assert.equal(losesQuorum([first, node("node4", "worker")], node("node4", "worker")), false);
  });

  it("changes a node from what it is now, also when Swarm changes it at the same time", async () => {
    const now = node("node2", "worker");
    let index = 6;
    const asked: unknown[] = [];
    const docker = {
      listNodes: () => Promise.resolve([{ ...now, Version: { Index: (index += 1) } }]),
      getNode: (id: string) => ({
        update: (specification: { version: number; Role: string }) => {
          asked.push([id, specification]);
          const problems: Record<number, string> = {
            7: "update out of sequence",
            8: "raft: failed to process the request: node lost leader status",
          };
          const problem = problems[specification.version];
          return problem === undefined
            ? Promise.resolve()
            : Promise.reject(new Error(`(HTTP code 500) rpc error: desc = ${problem}`));
        },
      }),
    } as unknown as Docker;
    await updateNode(docker, "node2", { Role: "manager" });
    const wanted = { Role: "manager", Availability: "active", Labels: { entry: "yes" } };
    assert.deepEqual(
      asked,
      [7, 8, 9].map((version) => ["id-node2", { version, ...wanted }]),
    );
  });
});
