import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { configOf, contextWith, messagesWith, MINIMAL } from "./support";

const parse = (over: Record<string, unknown>) =>
  configOf(parseConfig({ ...MINIMAL, ...over }, contextWith()));

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
