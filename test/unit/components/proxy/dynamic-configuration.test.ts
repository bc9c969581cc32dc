import assert from "node:assert/strict";

import { tlsConfiguration } from "../../../../components/proxy/dynamic-configuration";

describe("tlsConfiguration", () => {
  it("speaks TLS 1.2 with forward secrecy and authenticated ciphers only", () => {
    const { tls } = JSON.parse(tlsConfiguration("1.2")) as {
      tls: { options: { default: { minVersion: string; cipherSuites: string[] } }; stores?: object };
    };
    assert.equal(tls.options.default.minVersion, "VersionTLS12");
    assert.ok(tls.options.default.cipherSuites.every((name) => /^TLS_ECDHE_.*(GCM|POLY1305)/.test(name)));
    assert.equal(tls.stores, undefined);
    assert.match(tlsConfiguration("1.3"), /VersionTLS13/);
  });
});
