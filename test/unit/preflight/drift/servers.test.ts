import assert from "node:assert/strict";

import type { Inspected } from "../../../../docker-api/containers";
import { readRoutes, type Route, routeDrift, serverDrift } from "../../../../preflight/drift/servers";

const MIB = 1024 * 1024;
const BOUNDS = {
  net: { id: "n1", range: "10.0.4.0/22", taken: new Set(["10.0.4.1"]) },
  largest: { memory: 1024 * MIB, cpus: 2 },
};
const ROUTES: Route[] = [
  { from: "/", to: "http://hub:8081" },
  { from: "/user/alice/", to: "http://10.0.4.0:8888" },
];

type Changes = { readonly [K in "State" | "HostConfig" | "Config"]?: object } & {
  readonly Networks?: Inspected["NetworkSettings"]["Networks"];
};

/** Alice's server as the hub made it. */
const server = ({ State, HostConfig, Config, Networks }: Changes = {}): Inspected => ({
  Id: "u1",
  Name: "/jh-user-alice",
  Created: "2026-11-30T10:00:00Z",
  Image: "sha256:1",
  State: { Status: "running", ExitCode: 0, StartedAt: "2026-11-30T10:00:00Z", ...State },
  Config: {
    Labels: { "org.jupyterhub.user": "alice" },
    Env: ["JUPYTERHUB_SERVICE_PREFIX=/user/alice/", `MEM_LIMIT=${512 * MIB}`, "CPU_LIMIT=1.5"],
    Cmd: [],
    Entrypoint: [],
    ...Config,
  },
  HostConfig: {
    NetworkMode: "jh-notebooks",
    Memory: 512 * MIB,
    MemorySwap: 768 * MIB,
    CpuPeriod: 100_000,
    CpuQuota: 150_000,
    CapAdd: [],
    CapDrop: [],
    Dns: [],
    ...HostConfig,
  },
  Mounts: [],
  NetworkSettings: {
    Networks: Networks ?? { "jh-notebooks": { NetworkID: "n1", IPAddress: "10.0.4.0", Aliases: [] } },
  },
});

const look = (changes: Changes) => serverDrift(server(changes), ROUTES, BOUNDS);

const JOIN = {
  path: "/networks/jh-notebooks/connect",
  body: { Container: "u1", EndpointConfig: { IPAMConfig: { IPv4Address: "10.0.4.0" } } },
  otherwise: { Container: "u1" },
  network: "jh-notebooks",
};

describe("serverDrift", () => {
  it("finds nothing in a server as the hub made it, or in one that ends", () => {
    assert.equal(look({}), undefined);
    assert.equal(look({ State: { Status: "exited" }, Networks: {} }), undefined);
    const none = { Env: ["JUPYTERHUB_SERVICE_PREFIX=/user/alice/"] };
    assert.equal(look({ Config: none, HostConfig: { Memory: 0, CpuQuota: 0 } }), undefined);
  });

  const cases: [string, Changes, string[], unknown[]][] = [
    ["a paused one", { State: { Status: "paused" } }, ["it is paused"], [{ path: "unpause" }]],
    [
      "one off its network, which gets its address back",
      { Networks: {} },
      ["networks: expected jh-notebooks, got none"],
      [JOIN],
    ],
    [
      "one with another address than its route has",
      { Networks: { "jh-notebooks": { NetworkID: "n1", IPAddress: "10.0.4.7", Aliases: [] } } },
      ["address on jh-notebooks: expected 10.0.4.0, got 10.0.4.7"],
      [{ path: "/networks/jh-notebooks/disconnect", body: { Container: "u1" } }, JOIN],
    ],
    [
      "one on another network of the name",
      { Networks: { "jh-notebooks": { NetworkID: "n2", IPAddress: "172.20.0.2", Aliases: [] } } },
      ["network jh-notebooks: it is on another network of that name"],
      [JOIN],
    ],
    [
      "one with a way around the firewall",
      {
        Networks: {
          "jh-notebooks": { NetworkID: "n1", IPAddress: "10.0.4.0", Aliases: [] },
          bridge: { Aliases: [] },
        },
      },
      ["networks: expected jh-notebooks, got bridge, jh-notebooks"],
      [{ path: "/networks/bridge/disconnect", body: { Container: "u1" } }],
    ],
    [
      "another limit of memory, with as much swap as before",
      { HostConfig: { Memory: 100 * MIB, MemorySwap: 100 * MIB } },
      ["memory: expected 512 MiB, got 100 MiB"],
      [{ path: "update", body: { Memory: 512 * MIB, MemorySwap: 512 * MIB }, below: 512 * MIB }],
    ],
    [
      "another limit of processor time",
      { HostConfig: { CpuQuota: 10_000 } },
      ["processors: expected 1.5, got 0.1"],
      [{ path: "update", body: { CpuPeriod: 100_000, CpuQuota: 150_000 } }],
    ],
  ];
  for (const [what, changes, told, corrections] of cases) {
    it(`tells ${what}, and stops nothing`, () => {
      const found = look(changes);
      assert.deepEqual(found?.changes, told);
      assert.deepEqual(found.corrections, corrections);
      assert.equal(found.object, "server of alice (container jh-user-alice)");
    });
  }

  const env = (...limits: string[]) => ({ Env: ["JUPYTERHUB_SERVICE_PREFIX=/user/alice/", ...limits] });
  for (const [what, limits] of [
    ["none", []],
    ["more than any server gets", [`MEM_LIMIT=${2 ** 40}`, "CPU_LIMIT=64"]],
    ["what is no number", ["MEM_LIMIT=all", "CPU_LIMIT=-1"]],
  ] as const) {
    it(`takes no limit off a server whose variables tell ${what}`, () => {
      assert.equal(look({ Config: env(...limits) }), undefined);
    });
  }

  for (const [what, to] of [
    ["elsewhere", "http://192.0.2.1:8888"],
    ["to the hub's own address", "http://10.0.0.2:8888"],
    ["to another server", "http://10.0.4.1:8888"],
  ] as const) {
    it(`takes no address from a route that leads ${what}`, () => {
      const routes = [{ from: "/user/alice/", to }];
      assert.equal(serverDrift(server(), routes, BOUNDS), undefined);
      const off = serverDrift(server({ Networks: {} }), routes, BOUNDS);
      assert.deepEqual(off?.corrections[0]?.body, { Container: "u1" });
    });
  }
});

describe("routeDrift", () => {
  const began = Date.parse("2026-11-30T10:00:00Z");

  it("tells a server without a route, once it has had time to get one", () => {
    assert.deepEqual(routeDrift([server()], [], began + 300_000).missing, ["route /user/alice/: it is gone"]);
    assert.deepEqual(routeDrift([server()], [], began + 60_000).missing, []);
    assert.deepEqual(routeDrift([server()], ROUTES, began + 300_000), { missing: [], stale: [] });
    const ofHost = [{ from: "alice.example.org/user/alice/", to: "http://10.0.4.0:8888" }];
    assert.deepEqual(routeDrift([server()], ofHost, began + 300_000), { missing: [], stale: [] });
  });

  it("tells a route without a server, and none of the hub's others", () => {
    const routes = [...ROUTES, { from: "/services/x/", to: "http://x:1" }];
    assert.deepEqual(routeDrift([], routes, began).stale, [
      "route /user/alice/: no server runs at http://10.0.4.0:8888, where it leads. The hub removes it within five minutes.",
    ]);
  });
});

describe("readRoutes", () => {
  it("takes what is a route and nothing else", () => {
    const routes = {
      a: { routespec: "/user/alice/", target: "http://10.0.4.0:8888", data: {} },
      b: { routespec: 7, target: "x" },
      d: { routespec: "/user/x/\u001b[2J/", target: "http://10.0.4.0:8888" },
      e: { routespec: "/user/x/", target: "http://10.0.4.0:8888/\nrecover with: anything" },
      c: null,
    };
    assert.deepEqual(readRoutes(Buffer.from(JSON.stringify({ version: 1, routes }))), [
      { from: "/user/alice/", to: "http://10.0.4.0:8888" },
    ]);
    for (const other of ["", "[]", "null", '{"routes":7}', "no JSON"]) {
      assert.deepEqual(readRoutes(Buffer.from(other)), []);
    }
  });
});
