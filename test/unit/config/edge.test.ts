import assert from "node:assert/strict";

import type { HubConfig } from "../../../config";
import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { contains, parseCidr } from "../../../config/values/cidr";
import { portInUse, wantedPorts } from "../../../preflight/ports";
import { trustedProxies } from "../../../stacks/edge";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

const acme = (over: Record<string, unknown> = {}) => ({
  tls: { kind: "acme", email: "admin@example.org", ...over },
});
const dns01 = (over: Record<string, unknown>) => acme({ challenge: { kind: "dns-01", ...over } });
const parse = (over: Record<string, unknown>) =>
  configOf(parseConfig({ ...MINIMAL, ...over }, contextWith()));
const warnings = (over: Record<string, unknown>) =>
  warningsOf(parseConfig({ ...MINIMAL, ...over }, contextWith()));

describe("tls: acme, in the configuration", () => {
  it("is Let's Encrypt with HTTP-01 when nothing else is said", () => {
    assert.deepEqual(parse(acme()).tls, {
      kind: "acme",
      email: "admin@example.org",
      directory: "letsencrypt",
      challenge: { kind: "http-01" },
      trustedProxies: [],
    });
  });
  it("needs an e-mail address", () => {
    assert.deepEqual(messagesWith({ tls: { kind: "acme" } }), [
      "jupyterhub:tls.email: expected the e-mail address of whoever looks after the hub, got nothing. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.email' admin@example.org",
    ]);
    assert.match(String(messagesWith(acme({ email: "admin" }))), /e-mail address .* got "admin"/);
  });
  it("needs a name that Let's Encrypt can look up", () => {
    for (const domain of ["localhost", "hub", "192.0.2.1", "hub.internal"]) {
      assert.match(
        String(messagesWith({ domain, ...acme() })),
        /^jupyterhub:domain: expected a public host name/,
      );
    }
    assert.deepEqual(
      messagesWith({ domain: "hub.internal", ...acme({ directory: "https://ca.internal/dir" }) }),
      [],
    );
  });
  it("needs the port that HTTP-01 comes to, and says how to do without", () => {
    assert.deepEqual(messagesWith({ ...acme(), ports: { http: false } }), [
      "jupyterhub:ports.http: expected a port: with HTTP-01 the authority connects to port 80, got false. Set it with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.http' 80 (or choose another challenge with: ./hub pulumi config set --stack dev --path 'jupyterhub:tls.challenge.kind' tls-alpn-01)",
    ]);
    assert.match(
      String(warnings({ ...acme(), ports: { http: 8080 } })),
      /port 80, which has to be forwarded to 8080/,
    );
    const alpn = acme({ challenge: { kind: "tls-alpn-01" } });
    assert.deepEqual(messagesWith({ ...alpn, ports: { http: false } }), []);
    assert.match(
      String(warnings({ ...alpn, ports: { https: 8443 } })),
      /port 443, which has to be forwarded to 8443/,
    );
  });
  it("says how to do without port 80 when it is taken", () => {
    const http = wantedPorts(parse(acme()), "dev").find(({ key }) => key === "ports.http");
    assert.match(
      portInUse(http ?? assert.fail(), "nginx listens on", "dev"),
      /tls\.challenge\.kind. tls-alpn-01/,
    );
    const plain = wantedPorts(parse({}), "dev").find(({ key }) => key === "ports.http");
    assert.doesNotMatch(portInUse(plain ?? assert.fail(), "nginx listens on", "dev"), /challenge/);
  });
  for (const [provider, environment, expected] of [
    [
      "cloudflare",
      {},
      /environment: expected CF_DNS_API_TOKEN, or .* got nothing\. Set it with: \.\/hub pulumi config set --stack dev --secret --path 'jupyterhub:tls\.challenge\.environment\.CF_DNS_API_TOKEN' '<value>'/,
    ],
    [
      "route53",
      { AWS_ACCESS_KEY_ID: "id" },
      /got only AWS_ACCESS_KEY_ID\. Set it with: [^&]*AWS_SECRET_ACCESS_KEY' '<value>'$/,
    ],
    ["someprovider", {}, /what the provider someprovider needs \(see https:\/\/go-acme/],
  ] as const) {
    it(`needs what ${provider} needs for DNS-01: ${Object.keys(environment).join(" ") || "nothing"} is not enough`, () => {
      const [message, ...rest] = messagesWith(dns01({ provider, environment }));
      assert.match(String(message), expected);
      assert.deepEqual(rest, []);
    });
  }
  it("keeps the provider's secrets by name, and never in what can be shown", () => {
    const config = parse(dns01({ provider: "cloudflare", environment: { CF_DNS_API_TOKEN: "hush" } }));
    const { secrets, ...shown } = config;
    assert.deepEqual(secretsFor({ secrets }, "hub"), {});
    assert.deepEqual(secretsFor({ secrets }, "proxy"), {
      tls_challenge_environment_cf_dns_api_token: "hush",
    });
    assert.doesNotMatch(JSON.stringify(shown), /hush/);
  });
  it("needs DNS-01 for a wildcard", () => {
    assert.match(
      String(messagesWith({ ...acme(), edge: { userSubdomains: true } })),
      /^jupyterhub:tls\.challenge\.kind: expected dns-01/,
    );
  });
  it("reads the authority of a directory, and refuses what is none", () => {
    const tls = acme({ directory: "https://ca.internal/dir", caCertificate: "ca.pem" });
    assert.match(String(messagesWith(tls)), /tls\.caCertificate: expected a file that can be read/);
    assert.match(
      String(messagesWith(tls, contextWith({ "ca.pem": "text" }))),
      /expected a PEM file with certificates, got "ca.pem", which has none/,
    );
  });
});

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

describe("edge, in the configuration", () => {
  it("takes a body size that JupyterLab's uploads fit in, or none", () => {
    assert.equal(parse({ edge: { maxBodySize: "30m" } }).edge.maxBodySize, 30 * 1024 ** 2);
    assert.equal(parse({ edge: { maxBodySize: false } }).edge.maxBodySize, false);
    assert.match(
      String(messagesWith({ edge: { maxBodySize: "1m" } })),
      /edge\.maxBodySize: expected a size of at least 25m/,
    );
  });
  it("has every name once, and names below a name", () => {
    assert.match(
      String(
        messagesWith({ edge: { servedDomains: ["a.example.org"], redirectedDomains: ["A.example.org"] } }),
      ),
      /edge\.redirectedDomains\[0\]: expected every name once/,
    );
    assert.match(
      String(messagesWith({ edge: { redirectedDomains: ["https://x"] } })),
      /expected a host name/,
    );
    assert.match(
      String(messagesWith({ domain: "192.0.2.1", edge: { userSubdomains: true } })),
      /domain: expected a host name, since people's servers/,
    );
  });
});
