import assert from "node:assert/strict";
import { hostname } from "node:os";

import { parseCidr } from "../../../config/values/cidr";
import type { Engine, UsedSubnet } from "../../../preflight/docker-host";
import { mainRoutes, otherRoutes, type Route } from "../../../preflight/routes";
import {
  freeSubnet,
  type HostNetworks,
  hostNetworks,
  networkProblems,
  type PlannedNetwork,
  poolProblem,
} from "../../../preflight/subnets";

const STACK = "jupyterhub-test";
const NONE: HostNetworks = { used: [], interfaces: [], routes: [] };
const docker = (subnet: string, name = "vpn", stack?: string): UsedSubnet => ({
  subnet,
  name,
  owner: `Docker's network ${name}`,
  labels: stack === undefined ? {} : { "org.jupyterhub.stack": stack },
});
const route = (to: string, by = "by tun0"): Route => ({ to: parseCidr(to) ?? assert.fail(to), by });
const network = (subnet: string | undefined, more: Partial<PlannedNetwork> = {}): PlannedNetwork => ({
  key: "network.subnet",
  subnet,
  isChosen: false,
  name: `${STACK}-notebooks`,
  ...more,
});
const check = (planned: PlannedNetwork[], host: Partial<HostNetworks> = {}) =>
  networkProblems(STACK, planned, { ...NONE, ...host }, "dev");

describe("routes of the host", () => {
  it("are read from the kernel's main table, without Docker's own and those to the internet", () => {
    const text = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100A8C0	0003	0	0	0	00000000	0	0	0
tun0	00000000	0100080A	0003	0	0	0	00000080	0	0	0
tun0	0000800A	0100080A	0003	0	0	0	000080FF	0	0	0
tun0	000010AC	0100080A	0003	0	0	0	0000F0FF	0	0	0
tun0	0A0708C0	00000000	0005	0	0	0	FFFFFFFF	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
br-0123456789ab	000012AC	00000000	0001	0	0	0	0000FFFF	0	0	0
*	0000000A	00000000	0201	0	0	0	000000FF	0	0	0
`;
    assert.deepEqual(mainRoutes(text), [
      route("10.128.0.0/9"),
      route("172.16.0.0/12"),
      route("192.8.7.10/32"),
    ]);
    assert.deepEqual(mainRoutes(""), []);
  });

  it("are read from further tables, which a VPN has looked up before", () => {
    const text = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 172.20.0.0
        /16 universe UNICAST
Local:
  +-- 127.0.0.0/8 2 0 2
     |-- 127.0.0.0
        /8 host LOCAL
Id 52:
  +-- 0.0.0.0/0 2 0 2
     +-- 10.0.0.0/8 2 0 2
        |-- 10.0.0.0
           /8 universe UNICAST
           /32 link BROADCAST
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 100.64.0.0
        /10 link UNICAST
`;
    assert.deepEqual(otherRoutes(text), [
      route("10.0.0.0/8", "in its table 52"),
      route("100.64.0.0/10", "in its table 52"),
    ]);
  });
});

describe("addresses of the stack's networks", () => {
  it("are free where nothing overlaps, and where others have IPv6 or nothing", () => {
    const host = { used: [docker("10.201.8.0/21"), docker("fd00::/64")], routes: [route("10.64.0.0/10")] };
    assert.deepEqual(check([network("10.200.8.0/21"), network(undefined, { key: "network.public" })], host), {
      problems: [],
      warnings: [],
    });
  });

  it("are not those of another network of Docker or of an interface: named, with others that are free", () => {
    const [problem] = check([network("10.200.8.0/21")], { used: [docker("10.200.0.0/16")] }).problems;
    assert.equal(
      problem,
      "jupyterhub:network.subnet: expected addresses that nothing else uses, got 10.200.8.0/21, and Docker's network vpn " +
        "has 10.200.0.0/16. Choose others with: ./hub pulumi config set --stack dev --path 'jupyterhub:network.subnet' 10.128.0.0/21",
    );
    const eth0 = { subnet: "10.200.0.0/16", owner: "the interface eth0 of this machine", labels: {} };
    const { problems } = check([network("10.200.8.0/21", { isChosen: true })], { interfaces: [eth0] });
    assert.match(problems.join(), /and the interface eth0 of this machine has 10\.200\.0\.0\/16/);
  });

  it("are not those of another network of the stack", () => {
    const { problems } = check([
      network("10.200.8.0/21"),
      network("10.200.9.0/24", { key: "network.control", isChosen: true }),
    ]);
    assert.equal(problems.length, 1);
    assert.match(
      problems.join(),
      /^jupyterhub:network\.control: .* and jupyterhub:network\.subnet has 10\.200\.8\.0\/21/,
    );
  });

  it("that the stack's name has chosen are refused where a route of a VPN leads to them", () => {
    const host = { routes: [route("10.128.0.0/9"), route("172.16.0.0/12")] };
    const { problems, warnings } = check([network("10.131.8.0/21")], host);
    assert.deepEqual(warnings, []);
    assert.deepEqual(problems, [
      "jupyterhub:network.subnet: expected addresses that no route of the Docker host leads to, got 10.131.8.0/21 (chosen from " +
        "the stack's name), and this machine has a route to 10.128.0.0/9 by tun0. Choose others with: ./hub pulumi config set --stack dev " +
        "--path 'jupyterhub:network.subnet' 10.0.0.0/21   (or, if you need nothing there, keep them with: ./hub pulumi config " +
        "set --stack dev --path 'jupyterhub:network.subnet' 10.131.8.0/21)",
    ]);
  });

  it("that somebody chose are kept with a warning, unless the route is the stronger one", () => {
    const chosen = network("10.131.8.0/21", { isChosen: true });
    const wide = check([chosen], { routes: [route("10.128.0.0/9")] });
    assert.deepEqual(wide.problems, []);
    assert.match(
      wide.warnings.join(),
      /^jupyterhub:network\.subnet: the network has 10\.131\.8\.0\/21, and this machine has a route to 10\.128\.0\.0\/9 by tun0\. Hosts with such addresses/,
    );
    for (const narrow of ["10.131.8.0/21", "10.131.9.0/24", "10.131.8.7/32"]) {
      assert.equal(check([chosen], { routes: [route(narrow)] }).problems.length, 1, narrow);
    }
  });

  it("of a stack that is there stop no update: its networks get a warning, those that the engine chose too", () => {
    const host = {
      used: [
        docker("10.131.8.0/21", `${STACK}-notebooks`, STACK),
        docker("172.18.0.0/16", `${STACK}-public`, STACK),
      ],
      routes: [route("10.128.0.0/9"), route("172.16.0.0/12")],
    };
    const planned = [
      network("10.131.8.0/21"),
      network(undefined, { key: "network.public", name: `${STACK}-public` }),
    ];
    const { problems, warnings } = check(planned, host);
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 2);
    assert.match(
      warnings[1] ?? "",
      /^jupyterhub:network\.public: the network has 172\.18\.0\.0\/16, and .* 172\.16\.0\.0\/12 by tun0/,
    );
    // Moved into the way of a route it is a new one.
    assert.equal(check([network("10.140.0.0/21")], host).problems.length, 1);
  });

  it("of an overlay are in containers only: what is behind them on the manager is a warning", () => {
    const overlay = network("172.31.0.0/24", {
      key: "swarm.network.subnet",
      isChosen: true,
      isOverlay: true,
    });
    const eth0 = { subnet: "172.31.0.0/16", owner: "the interface eth0 of this machine", labels: {} };
    for (const host of [{ interfaces: [eth0] }, { routes: [route("172.31.0.0/24")] }]) {
      const { problems, warnings } = check([overlay], host);
      assert.deepEqual(problems, []);
      assert.match(warnings.join(), /^jupyterhub:swarm\.network\.subnet: the network has 172\.31\.0\.0\/24/);
    }
    assert.equal(check([overlay], { used: [docker("172.31.0.0/16")] }).problems.length, 1);
    assert.deepEqual(check([overlay], { used: [docker("172.31.0.0/24", "x", STACK)] }).problems, []);
  });

  it("are held against what is known of the engine's machine: this one's routes only where it is this one", () => {
    const engine = (more: Partial<Engine>): Engine => ({
      platform: "linux/amd64",
      localSocket: undefined,
      isolatedGateway: false,
      dataFolder: "/",
      memory: 1,
      name: hostname(),
      ...more,
    });
    assert.equal(hostNetworks(engine({}), "tcp://10.200.8.9:2376", [], []).address, "10.200.8.9");
    assert.equal(hostNetworks(engine({}), "ssh://root@10.200.8.9", [], []).address, "10.200.8.9");
    assert.equal(hostNetworks(engine({}), "ssh://docker.example.org", [], []).address, undefined);
    const socket = { localSocket: "/var/run/docker.sock" };
    const desktop = hostNetworks(engine({ ...socket, name: "docker-desktop" }), "unix:///x", [], []);
    assert.deepEqual([desktop.interfaces, desktop.routes], [[], []]);
    const here = hostNetworks(engine(socket), "unix:///x", [], []);
    assert.ok(here.interfaces.some(({ subnet }) => subnet === "127.0.0.0/8"));
    const { problems } = check([network("10.200.8.0/21")], { address: "10.200.8.9" });
    assert.match(
      problems.join(),
      /got 10\.200\.8\.0\/21, and the Docker host has 10\.200\.8\.9\. Choose others/,
    );
  });

  it("that are proposed are private, of the same size, and free", () => {
    assert.equal(freeSubnet(24, []), "10.128.0.0/24");
    assert.equal(freeSubnet(21, [docker("10.128.0.0/21")], [route("10.129.0.0/16")]), "10.128.8.0/21");
    const all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((to) => route(to));
    assert.equal(freeSubnet(24, [], all.slice(0, 2)), "192.168.0.0/24");
    assert.equal(freeSubnet(24, [], all), undefined);
  });

  it("that the engine is to choose have to be there", () => {
    const planned = [
      network(undefined, { key: "network.public", name: `${STACK}-public` }),
      network(undefined, { key: "network.control", name: `${STACK}-control` }),
    ];
    const routes = [route("172.16.0.0/12"), route("192.168.0.0/16")];
    assert.equal(poolProblem(STACK, planned, NONE, "dev"), undefined);
    assert.equal(poolProblem(STACK, planned, { ...NONE, routes: routes.slice(0, 1) }, "dev"), undefined);
    assert.equal(
      poolProblem(STACK, planned, { ...NONE, routes }, "dev"),
      "jupyterhub:network.public: expected an engine with free addresses for jupyterhub-test-public, " +
        "jupyterhub-test-control, got none: its networks and its host's routes use all that it can choose from. " +
        "Choose some with: ./hub pulumi config set --stack dev --path 'jupyterhub:network.public' 10.128.0.0/24",
    );
    // Chosen by hand, or there already.
    assert.equal(
      poolProblem(
        STACK,
        planned.map((one) => ({ ...one, subnet: "10.1.0.0/24" })),
        { ...NONE, routes },
        "dev",
      ),
      undefined,
    );
    const used = planned.map(({ name }, index) => docker(`172.${18 + index}.0.0/16`, name, STACK));
    assert.equal(poolProblem(STACK, planned, { ...NONE, used, routes }, "dev"), undefined);
    const pools = [{ Base: "10.5.0.0/23", Size: 24 }];
    assert.equal(poolProblem(STACK, planned, NONE, "dev", pools), undefined);
    assert.match(
      poolProblem(STACK, planned, { ...NONE, used: [docker("10.5.0.0/24")] }, "dev", pools) ?? "",
      /got none: /,
    );
  });
});
