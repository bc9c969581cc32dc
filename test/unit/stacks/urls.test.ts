import assert from "node:assert/strict";

import { publicUrl } from "../../../stacks/urls";

describe("publicUrl", () => {
  for (const [domain, port, base, expected] of [
    ["hub.example.org", 443, "/", "https://hub.example.org/"],
    ["localhost", 8443, "/", "https://localhost:8443/"],
    ["192.0.2.1", 443, "/jupyter/", "https://192.0.2.1/jupyter/"],
    ["2001:db8::1", 8443, "/", "https://[2001:db8::1]:8443/"],
  ] as const) {
    it(expected, () => {
      assert.equal(publicUrl(domain, port, base), expected);
    });
  }
});
