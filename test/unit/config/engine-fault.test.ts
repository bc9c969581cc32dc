import assert from "node:assert/strict";

import { engineFault } from "../../../config/engine-fault";

describe("what a failed connection says of certificates", () => {
  for (const [code, key] of [
    ["SELF_SIGNED_CERT_IN_CHAIN", "docker.tls.ca"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "docker.tls.ca"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "docker.host"],
    ["CERT_HAS_EXPIRED", "docker.host"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "docker.tls.certificate"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "docker.tls.certificate"],
    ["EPROTO", "docker.host"],
  ] as const) {
    it(`${code}: ${key} is at fault`, () => {
      const message = engineFault("tcp://h:2376", code, "in OpenSSL's words") ?? "";
      assert.ok(message.startsWith(`jupyterhub:${key}: expected `), message);
      assert.match(message, /h:2376/);
      assert.match(message, /\(in OpenSSL's words\)/);
    });
  }
  it("as a sentence with the way out", () => {
    assert.equal(
      engineFault("tcp://h:2376", "SELF_SIGNED_CERT_IN_CHAIN", "in OpenSSL's words"),
      "jupyterhub:docker.tls.ca: expected the authority that signed the certificate of tcp://h:2376, got another one (in " +
        "OpenSSL's words). Name the PEM file of the engine's tlscacert there.",
    );
  });
  it("nothing where they are not the matter", () => {
    assert.equal(engineFault("tcp://h:2376", "ECONNREFUSED", "x"), undefined);
  });
});
