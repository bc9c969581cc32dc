import assert from "node:assert/strict";

import type { Facts } from "../../../../tasks/self-check/facts";
import { probes } from "../../../../tasks/self-check/list";
import { isBad, problems, render, rows } from "../../../../tasks/self-check/report";

const open = { open: true, detail: "connected" };
const closed = { open: false, detail: "timed out" };
const probe = (name: string, expected: "closed" | "open" | "by design") => ({ name, kind: "tcp", expected });

describe("rows", () => {
  for (const [expected, inside, controls, verdict] of [
    ["closed", closed, [open], "closed"],
    ["closed", closed, [closed, open], "closed"],
    ["closed", closed, [closed], "closed, unproven"],
    ["closed", closed, [], "closed, unproven"],
    ["closed", open, [open], "HOLE"],
    ["closed", open, [closed], "HOLE"],
    ["open", open, [open], "open"],
    ["open", closed, [open], "BROKEN"],
    ["by design", open, [open], "open by design"],
  ] as const) {
    it(`${inside.detail} where ${expected} is expected, with ${controls.length} controls: ${verdict}`, () => {
      const [row] = rows(
        [probe("x", expected)],
        { x: inside },
        controls.map((control) => ({ x: control })),
      );
      assert.equal(row?.verdict, verdict);
    });
  }
  it("takes a probe that gave no outcome for broken: nothing passes by not being tried", () => {
    const list = rows([probe("x", "closed")], {}, [{ x: open }]);
    assert.equal(list[0]?.verdict, "BROKEN");
    assert.ok(list.every(isBad));
  });
});

describe("table and problems", () => {
  const list = rows([probe("a hole", "closed"), probe("fine", "closed")], { "a hole": open, fine: closed }, [
    { "a hole": open, fine: open },
  ]);
  it("names the hole, last in the table", () => {
    assert.deepEqual(problems(list), [
      "a notebook server can reach or do something that it must not: a hole: open (connected)",
    ]);
    const lines = render(list).split("\n");
    assert.match(lines[2] ?? "", /^a hole +HOLE/);
    assert.deepEqual(lines.slice(3), [
      "",
      "2 tried, 1 wrong, 0 closed where the control found nothing either",
    ]);
  });
});

describe("probes", () => {
  const facts: Facts = {
    prefix: "jh",
    server: {
      image: "i",
      network: "jh-notebooks",
      labels: {},
      limits: { memory: 1, swap: 0, cpus: 1, processes: 64 },
    },
    owner: { uid: 1000, gid: 100 },
    dns: [],
    dnsOptions: [],
    internet: false,
    hub: "10.200.8.2",
    baseUrl: "/",
    gateway: "10.200.8.1",
    bridge: "jhn-1",
    egress: { address: "10.200.8.4", port: 3128 },
    peers: [
      { role: "hub", addresses: { notebooks: "10.200.8.2", control: "172.18.0.2" } },
      { role: "egress", addresses: { notebooks: "10.200.8.4" } },
      { role: "docker-filter", addresses: { control: "172.18.0.3" } },
    ],
    published: [8443],
    ownImage: "f",
  };
  const host = {
    port: 4444,
    ipv4: ["10.200.8.1", "192.0.2.2"],
    ipv6: [
      { address: "fe80::1", interface: "jhn-1" },
      { address: "fe80::2", interface: "eth0" },
    ],
    names: ["10.200.8.1", "192.0.2.2"],
    nameServers: ["127.0.0.53", "192.0.2.2"],
  };
  const list = (over: Partial<Facts> = {}) =>
    probes({ ...facts, ...over }, host, "10.200.12.0", "outside.test");
  const expected = (name: string, over: Partial<Facts> = {}) =>
    list(over).find((one) => one.name === name)?.expected;

  it("has every name once: outcomes are told by them", () => {
    const names = list().map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
  });
  it("wants the hub's API open on its network, and closed on any other", () => {
    assert.equal(expected("the hub's API"), "open");
    assert.equal(expected("hub on control 172.18.0.2:8081"), "closed");
    assert.equal(expected("hub on notebooks 10.200.8.2:8081"), undefined);
    assert.equal(expected("docker-filter on control 172.18.0.3:2375"), "closed");
  });
  it("wants the internet closed in a lockdown; else it is open by design", () => {
    assert.equal(expected("the internet 1.1.1.1:443"), "closed");
    assert.equal(expected("the internet 1.1.1.1:443", { internet: true }), "by design");
    assert.equal(expected("a neighbour 10.200.12.0:8888", { internet: true }), "closed");
  });
  it("wants port 53 of the host closed, but where the host asks itself and notebooks have the internet", () => {
    const names = (internet: boolean) =>
      list({ internet })
        .filter(({ name }) => name.startsWith("the host's name server"))
        .map((one) => [one.kind, one.host, one.port, one.expected]);
    assert.deepEqual(names(true), [
      ["tcp", "10.200.8.1", 53, "closed"],
      ["udp", "10.200.8.1", 53, "closed"],
      ["tcp", "192.0.2.2", 53, "by design"],
      ["udp", "192.0.2.2", 53, "by design"],
    ]);
    assert.deepEqual(new Set(names(false).map(([, , , wanted]) => wanted)), new Set(["closed"]));
  });
  it("tries the host's nearest address, which is another where the network is isolated from it", () => {
    const targets = (ipv4: string[]) =>
      probes(facts, { ...host, ipv4, names: [] }, "10.200.12.0", "outside.test")
        .filter(({ name }) => /^(the host(?!, IPv6)|a published port)/.test(name))
        .map(({ name, host: target }) => [name, target]);
    assert.deepEqual(targets(["10.200.8.1", "192.0.2.2"]), [
      ["the host on its bridge 10.200.8.1:4444", "10.200.8.1"],
      ["the host 192.0.2.2:4444", "192.0.2.2"],
      ["the host, UDP", "10.200.8.1"],
      ["the host, ICMP", "10.200.8.1"],
      ["a published port 10.200.8.1:8443", "10.200.8.1"],
    ]);
    assert.deepEqual(targets(["192.0.2.2"]), [
      ["the host 192.0.2.2:4444", "192.0.2.2"],
      ["the host, UDP", "192.0.2.2"],
      ["the host, ICMP", "192.0.2.2"],
      ["a published port 192.0.2.2:8443", "192.0.2.2"],
    ]);
  });
  it("tries the host's link-local address on the shared bridge only", () => {
    const ipv6 = list().filter(({ name }) => name.startsWith("the host, IPv6"));
    assert.deepEqual(
      ipv6.map(({ host: target, controlHost }) => [target, controlHost]),
      [["fe80::1%eth0", "fe80::1%jhn-1"]],
    );
  });
});
