import assert from "node:assert/strict";

import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import { contains, parseCidr } from "../../../config/values/cidr";
import { trustedProxies } from "../../../stacks/edge";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

const parse = (over: Record<string, unknown>) =>
  configOf(parseConfig({ ...MINIMAL, ...over }, contextWith()));

describe("tls: off, in the configuration", () => {
  it("names the load balancers, and needs a port for them", () => {
    const off = { kind: "off", trustedProxies: ["10.0.0.0/8", "2001:db8::1"] };
    assert.deepEqual(parse({ tls: off }).tls, { ...off, scheme: "https" });
    assert.match(
      String(messagesWith({ tls: { kind: "off" } })),
      /tls\.trustedProxies: expected a list of addresses/,
    );
    assert.match(String(messagesWith({ tls: off, ports: { http: false } })), /ports\.http: expected a port/);
  });
});

describe("tls.trustedProxies, in the configuration", () => {
  const KINDS: Record<string, Record<string, unknown>> = {
    "self-signed": {},
    files: { certificate: "cert.pem", key: "key.pem" },
    acme: { email: "admin@example.org" },
    off: {},
  };
  for (const [kind, rest] of Object.entries(KINDS)) {
    const messages = (trustedProxies: unknown) =>
      messagesWith({ tls: { kind, ...rest, trustedProxies } }).filter((text) =>
        text.includes("trustedProxies"),
      );

    it(`${kind}: takes addresses and networks`, () => {
      assert.deepEqual(messages(["103.21.244.0/22", "2001:db8::/32", "192.0.2.1", "2001:db8::1"]), []);
    });
    for (const network of [
      "10.0.0.0/33",
      "example.org",
      "10.0.0.0/8/8",
      "0.0.0.0/0",
      "::/0",
      "10.0.0.1:80",
      "fe80::1%eth0",
      "fe80::%eth0/64",
      7,
    ]) {
      it(`${kind}: refuses ${network}`, () => {
        const [message, ...others] = messages([network]);
        assert.match(
          String(message),
          /^jupyterhub:tls\.trustedProxies\[0\]: expected an IP address or a network of load balancers.*Set it with:/,
        );
        assert.deepEqual(others, []);
      });
    }
    it(`${kind}: refuses what is no list`, () => {
      assert.match(String(messages("10.0.0.0/8")), /expected a list of addresses or networks/);
    });
  }
  it("is empty without a message", () => {
    assert.deepEqual(parse({ tls: { kind: "self-signed" } }).tls.trustedProxies, []);
    assert.deepEqual(parse({}).tls.trustedProxies, []);
  });
  it("leaves out the addresses of notebook servers, which could else say that they are anybody", () => {
    const config = parse({ tls: { kind: "self-signed", trustedProxies: ["10.0.0.0/8", "2001:db8::1"] } });
    const trusted = trustedProxies(config as unknown as HubConfig, "10.200.8.0/22");
    assert.ok(trusted.includes("2001:db8::1"));
    assert.ok(trusted.includes("10.0.0.0/9"));
    const cidrs = trusted.flatMap((text) => parseCidr(text) ?? []);
    const isTrusted = (address: string) => cidrs.some((cidr) => contains(cidr, address));
    assert.deepEqual(
      ["10.1.2.3", "10.200.7.255", "10.200.8.0", "10.200.11.255", "10.200.12.0", "10.255.255.255"].map(
        isTrusted,
      ),
      [true, true, false, false, true, true],
    );
  });
});
