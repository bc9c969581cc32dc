import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

describe("egress.allow and network.allow", () => {
  it("is taken with its defaults", () => {
    const { egress, variant } = configOf(
      parseConfig(
        { ...MINIMAL, variant: "lockdown", egress: { allow: [{ host: "*.Packages.Example.org" }] } },
        contextWith(),
      ),
    );
    assert.equal(variant, "lockdown");
    assert.deepEqual(egress.allow, [{ host: "*.packages.example.org", ports: [443] }]);
  });

  for (const host of [
    "*",
    "*.org",
    "org",
    "10.0.0.1",
    "https://packages.example.org",
    "packages.example.org/simple",
    "a.*.org",
    "",
  ]) {
    it(`refuses ${JSON.stringify(host)} as a host`, () => {
      const [message, ...more] = messagesWith({ variant: "lockdown", egress: { allow: [{ host }] } });
      assert.deepEqual(more, []);
      assert.match(message ?? "", /^jupyterhub:egress\.allow\[0\]\.host: expected a host name/);
    });
  }

  it("is refused where it would close nothing", () => {
    assert.deepEqual(messagesWith({ egress: { allow: [{ host: "packages.example.org" }] } }), [
      "jupyterhub:egress.allow: expected no list: notebooks of a single-host stack can reach the internet directly, got a " +
        "list, which would have no effect. Remove it with: ./hub pulumi config rm --stack dev --path 'jupyterhub:egress.allow' (or close the " +
        "stack with: ./hub pulumi config set --stack dev jupyterhub:variant lockdown)",
    ]);
  });

  it("network.allow is refused in a lockdown, and so is all of the internet in it", () => {
    const network = { allow: [{ to: "192.168.7.20", ports: [5432] }] };
    assert.deepEqual(messagesWith({ network }), []);
    assert.match(
      messagesWith({ variant: "lockdown", network })[0] ?? "",
      /^jupyterhub:network\.allow: expected no list: in a lockdown/,
    );
    assert.match(
      messagesWith({ network: { allow: [{ to: "0.0.0.0/0" }] } })[0] ?? "",
      /^jupyterhub:network\.allow\[0\]\.to: expected an IPv4 address or network/,
    );
  });

  for (const subnet of ["10.0.0.0/8", "10.0.0.0/25", "10.0.0.1/21", "fd00::/64"]) {
    it(`refuses ${subnet} for notebooks`, () => {
      assert.match(
        messagesWith({ network: { subnet } })[0] ?? "",
        /^jupyterhub:network\.subnet: expected an IPv4 network from \/16 to \/24/,
      );
    });
  }
});
