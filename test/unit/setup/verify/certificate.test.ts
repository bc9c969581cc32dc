import assert from "node:assert/strict";

import { judgeCertificate, type Served } from "../../../../setup/verify/certificate";
import { subject } from "./engine";

const PLACE = "https://127.0.0.1:443";
const NOW = new Date("2026-12-01T12:00:00Z");

function judge(more: Partial<NonNullable<Served>> = {}, host = "hub.example.org") {
  const served = {
    subject: { CN: "hub.example.org" },
    issuer: { CN: "R11" },
    subjectaltname: "DNS:hub.example.org, DNS:*.example.net, IP Address:192.0.2.7",
    valid_to: "Dec  1 12:00:01 2026 GMT",
    ...more,
  } as NonNullable<Served>;
  return judgeCertificate(subject, PLACE, served, host, NOW);
}

describe("the certificate that browsers get", () => {
  it("is well for each of its names until its last second, and so is a hub without TLS", () => {
    for (const host of ["hub.example.org", "a.example.net", "192.0.2.7"]) {
      assert.deepEqual(judge({}, host), { findings: [], unmade: [] });
    }
    assert.deepEqual(judgeCertificate(subject, PLACE, undefined, "x", NOW), { findings: [], unmade: [] });
  });

  it("keeps everybody out when it has expired", () => {
    const valid_to = "Dec  1 11:59:59 2026 GMT";
    const [finding] = judge({ valid_to }).findings;
    assert.equal(finding?.what, `${PLACE}: the certificate has expired, so browsers let nobody in`);
    assert.equal(finding.since?.toISOString(), "2026-12-01T11:59:59.000Z");
    assert.match(finding.see ?? "", /logs proxy/);
    // ./up makes its own anew.
    const [own] = judge({ valid_to, issuer: { CN: "JupyterHub on Docker CA" } }).findings;
    assert.match(own?.fix ?? "", /\.\/up/);
  });

  it("is told of when it is for other names, such as Traefik's own", () => {
    const { findings, unmade } = judge({
      subject: { CN: "TRAEFIK DEFAULT CERT" },
      subjectaltname: "DNS:0123.traefik.default",
    });
    assert.deepEqual(findings, []);
    assert.match(
      unmade[0] ?? "",
      /the certificate for hub\.example\.org: the one that is served now is for 0123\.traefik\.default, so/,
    );
  });
});
