import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";

import { type AcmeResolver, acmeSettings, environmentFile, storage } from "../../../../components/proxy/acme";

describe("acmeSettings", () => {
  const resolver: AcmeResolver = {
    email: "admin@example.org",
    directory: "letsencrypt",
    domains: ["hub.example.org", "old.example.org"],
    challenge: { kind: "http-01" },
    ownAuthority: false,
  };
  const flag = (name: string, over: Partial<AcmeResolver> = {}) =>
    acmeSettings({ ...resolver, ...over })
      .filter(([path]) => path.endsWith(`.${name}`))
      .map(([, value]) => value);

  it("asks for one certificate with all names", () => {
    assert.deepEqual(flag("domains[0].main"), ["hub.example.org"]);
    assert.deepEqual(flag("domains[0].sans"), ["old.example.org"]);
    assert.deepEqual(flag("domains[0].sans", { domains: ["hub.example.org"] }), []);
  });
  it("keeps an account and certificates for each directory", () => {
    const files = ["letsencrypt", "letsencrypt-staging", "https://a.example/dir", "https://b.example/dir"];
    assert.equal(new Set(files.map(storage)).size, 4);
    assert.deepEqual(flag("storage"), ["/srv/acme/letsencrypt.json"]);
    assert.deepEqual(flag("caServer"), ["https://acme-v02.api.letsencrypt.org/directory"]);
    assert.match(String(flag("caServer", { directory: "letsencrypt-staging" })), /acme-staging/);
  });
  it("knows the three challenges", () => {
    assert.deepEqual(flag("httpChallenge.entryPoint"), ["web"]);
    assert.deepEqual(flag("tlsChallenge", { challenge: { kind: "tls-alpn-01" } }), ["true"]);
    const challenge = {
      kind: "dns-01",
      provider: "rfc2136",
      resolvers: ["192.0.2.53:53", "192.0.2.54:53"],
      delay: 30,
      checkNameservers: false,
    } as const;
    assert.deepEqual(flag("dnsChallenge.provider", { challenge }), ["rfc2136"]);
    assert.deepEqual(flag("dnsChallenge.resolvers", { challenge }), ["192.0.2.53:53,192.0.2.54:53"]);
    assert.deepEqual(flag("dnsChallenge.propagation.delayBeforeChecks", { challenge }), ["30s"]);
    assert.deepEqual(flag("dnsChallenge.propagation.disableANSChecks", { challenge }), ["true"]);
  });
  it("hands over variables as they are, whatever is in them", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/[\0]/.test(text)),
        (value) => {
          const shell = `set -a; ${environmentFile({ TOKEN: value })}set +a; printf %s "$TOKEN"`;
          assert.equal(execFileSync("/bin/sh", ["-ec", shell], { encoding: "utf8" }), value);
        },
      ),
      { numRuns: 30 },
    );
  });
});
