import assert from "node:assert/strict";

import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import { recordSets } from "../../../examples/dns/record-sets";
import { ownAddresses } from "../../../preflight/addresses";
import { dnsOutputs, dnsTarget } from "../../../stacks/dns";
import { type DnsArgs, dnsRecords, zoneFile } from "../../../stacks/dns-records";
import { certificateNames, hubUrl } from "../../../stacks/edge";
import { configOf, contextWith, MINIMAL } from "../config/support";

const config = (over: Record<string, unknown> = {}): HubConfig =>
  configOf(parseConfig({ ...MINIMAL, ...over }, contextWith())) as unknown as HubConfig;

const args: DnsArgs = {
  domain: "hub.example.org",
  otherDomains: ["old.example.org", "example.com"],
  userSubdomains: true,
  target: { addresses: ["192.0.2.1", "2001:db8::1"] },
  caaIssuer: "letsencrypt.org",
  ttl: 300,
};

describe("dnsRecords", () => {
  it("are addresses, issuer, wildcard and other names", () => {
    assert.equal(
      zoneFile(dnsRecords(args)),
      [
        "hub.example.org. 300 IN A 192.0.2.1",
        "hub.example.org. 300 IN AAAA 2001:db8::1",
        'hub.example.org. 300 IN CAA 0 issue "letsencrypt.org"',
        'hub.example.org. 300 IN CAA 0 issuewild "letsencrypt.org"',
        "*.hub.example.org. 300 IN CNAME hub.example.org.",
        "example.com. 300 IN A 192.0.2.1",
        "example.com. 300 IN AAAA 2001:db8::1",
        "old.example.org. 300 IN CNAME hub.example.org.",
        "",
      ].join("\n"),
    );
  });
  it("have a CNAME, and nothing beside it, for a hub behind another name", () => {
    const records = dnsRecords({
      ...args,
      otherDomains: [],
      userSubdomains: false,
      target: { name: "lb.example.net" },
    });
    assert.deepEqual(records, [
      { name: "hub.example.org", type: "CNAME", value: "lb.example.net", ttl: 300 },
    ]);
  });
  it("let nobody issue wildcards that nobody needs", () => {
    assert.ok(zoneFile(dnsRecords({ ...args, userSubdomains: false })).includes('CAA 0 issuewild ";"'));
  });
  it("are none for an address, for localhost, and where nobody knows where the hub is", () => {
    for (const domain of ["localhost", "192.0.2.1", "hub.localhost"]) {
      assert.deepEqual(dnsRecords({ ...args, domain }), []);
    }
    assert.deepEqual(dnsRecords({ ...args, target: { addresses: [] } }), []);
  });
  it("are the same whatever order addresses and names are given in", () => {
    const other = {
      ...args,
      otherDomains: [...args.otherDomains].reverse(),
      target: { addresses: ["2001:db8::1", "192.0.2.1", "192.0.2.1"] },
    };
    assert.deepEqual(dnsRecords(other), dnsRecords(args));
  });
});

describe("dnsTarget", () => {
  const own = ["198.51.100.7"];
  for (const [what, over, expected] of [
    [
      "the configured name",
      { dns: { target: "lb.example.net", addresses: ["192.0.2.1"] } },
      { name: "lb.example.net" },
    ],
    ["the configured addresses", { dns: { addresses: ["192.0.2.1"] } }, { addresses: ["192.0.2.1"] }],
    [
      "the address that ports are bound to",
      { ports: { address: "192.0.2.2" } },
      { addresses: ["192.0.2.2"] },
    ],
    ["nothing for a hub of this machine only", { ports: { address: "127.0.0.1" } }, { addresses: [] }],
    ["the Docker host's address", { docker: { host: "ssh://root@192.0.2.3" } }, { addresses: ["192.0.2.3"] }],
    [
      "the Docker host's name",
      { docker: { host: "ssh://root@docker.example.org" } },
      { name: "docker.example.org" },
    ],
    ["nothing for a name of an ssh configuration", { docker: { host: "ssh://server1" } }, { addresses: [] }],
    ["this machine", {}, { addresses: own }],
  ] as const) {
    it(`is ${what}`, () => {
      assert.deepEqual(dnsTarget(config(over), own), expected);
    });
  }
  it("takes no address of containers, of the machine itself, or of a link", () => {
    const at = (address: string, internal = false) => [{ address, internal }] as never;
    assert.deepEqual(
      ownAddresses({
        lo: at("127.0.0.1", true),
        docker0: at("172.17.0.1"),
        "br-1": at("172.18.0.1"),
        eth1: at("fe80::1"),
        eth0: at("192.0.2.9"),
      }),
      ["192.0.2.9"],
    );
  });
});

describe("outputs", () => {
  it("name Let's Encrypt as the issuer where it is, and nobody else", () => {
    const tls = { kind: "acme", email: "a@example.org" };
    assert.match(
      dnsOutputs(config({ tls }), { addresses: ["192.0.2.1"] }).zoneFile,
      /CAA 0 issue "letsencrypt.org"/,
    );
    assert.doesNotMatch(dnsOutputs(config(), { addresses: ["192.0.2.1"] }).zoneFile, /CAA/);
  });
  it("have the address of the load balancer, where there is one", () => {
    const off = (over = {}) => config({ tls: { kind: "off", trustedProxies: ["10.0.0.0/8"], ...over } });
    assert.equal(hubUrl(off()), "https://hub.example.org/");
    assert.equal(hubUrl(off({ scheme: "http", port: 8000 })), "http://hub.example.org:8000/");
    assert.equal(hubUrl(config({ ports: { https: 8443 } })), "https://hub.example.org:8443/");
  });
  it("have a certificate for every name", () => {
    const edge = {
      servedDomains: ["b.example.org"],
      redirectedDomains: ["a.example.org"],
      userSubdomains: true,
    };
    assert.deepEqual(certificateNames(config({ edge })), [
      "hub.example.org",
      "*.hub.example.org",
      "a.example.org",
      "b.example.org",
    ]);
  });
});

describe("recordSets of examples/dns", () => {
  it("are by name and type, those of other zones apart", () => {
    const { inZone, others } = recordSets(dnsRecords(args), "example.org");
    assert.deepEqual(
      inZone.map(({ name, type, values }) => [name, type, values.length]),
      [
        ["*.hub.example.org", "CNAME", 1],
        ["hub.example.org", "A", 1],
        ["hub.example.org", "AAAA", 1],
        ["hub.example.org", "CAA", 2],
        ["old.example.org", "CNAME", 1],
      ],
    );
    assert.deepEqual(
      others.map(({ name, type }) => `${name} ${type}`),
      ["example.com A", "example.com AAAA"],
    );
  });
});
