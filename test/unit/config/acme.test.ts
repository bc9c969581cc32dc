import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { portInUse, wantedPorts } from "../../../preflight/ports";
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
      /environment: expected CF_DNS_API_TOKEN, or .* got nothing\. Set it with: \.\/hub pulumi config set --stack dev --secret --path 'jupyterhub:tls\.challenge\.environment\.CF_DNS_API_TOKEN'/,
    ],
    [
      "route53",
      { AWS_ACCESS_KEY_ID: "id" },
      /got only AWS_ACCESS_KEY_ID\. Set it with: [^&]*AWS_SECRET_ACCESS_KEY'$/,
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
