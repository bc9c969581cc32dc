import assert from "node:assert/strict";

import { hubName } from "../../../../config/values/hub-name";

// As images/hub/jupyterhub_on_docker/names/hub_name.py makes them: they never change.
const NAMES = {
  "foo.bar@mail.ch": "foo-bar--mail-ch",
  "Foo.Bar@Mail.CH": "foo-bar--mail-ch",
  "foo-bar@mail.ch": "foo-bar_pxwqdjyo--mail-ch",
  "Foo, Bar@mail.ch": "foobar_twitmawq--mail-ch",
  "ada@uni-example.org": "ada_6bdctygp--uni-example-org",
  "a.very.long.name.indeed@example.org": "a-very-lo_xrftkyel--example-org",
  "jo@a.domain.that.is.far.too.long.example.org": "j_ei23rdru--a-domain-that-is-fa",
  "müller@mail.ch": "m-ller_2tdtpnkv--mail-ch",
  "a-b@mail.ch": "a-b_4gokz5li--mail-ch",
  "...@mail.ch": "x_u4k4wc6i--mail-ch",
} as const;

describe("hubName", () => {
  it("is the one that the hub makes of an address", () => {
    for (const [address, name] of Object.entries(NAMES)) {
      assert.equal(hubName(address, { fromEmail: true }), name);
    }
  });

  it("is the name in lower case, or that of the map", () => {
    assert.equal(hubName("Ann", undefined), "ann");
    assert.equal(hubName("Ann@mail.ch", {}), "ann@mail.ch");
    assert.equal(hubName("Ann@mail.ch", { fromEmail: true, map: { "ann@Mail.ch": "ann" } }), "ann");
    assert.equal(
      hubName("ann@uni-bern.ch", { fromEmail: true, domains: ["uni-bern.ch"] }),
      "ann--uni-bern-ch",
    );
    assert.equal(hubName("no address", { fromEmail: true }), "no address");
  });
});
