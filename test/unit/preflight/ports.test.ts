import assert from "node:assert/strict";

import { collide, publisher } from "../../../preflight/ports";

describe("collide", () => {
  for (const [a, b, expected] of [
    ["0.0.0.0", "127.0.0.1", true],
    ["127.0.0.1", "::", true],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "192.0.2.1", false],
  ] as const) {
    it(`${a} and ${b}: ${expected}`, () => {
      assert.equal(collide(a, b), expected);
    });
  }
});

describe("publisher", () => {
  const published = [{ port: 443, address: "127.0.0.1", container: "web", labels: {} }];
  it("finds the container on the port and address", () => {
    assert.equal(publisher(published, 443, "0.0.0.0")?.container, "web");
  });
  it("finds none on another port or address", () => {
    assert.equal(publisher(published, 80, "0.0.0.0"), undefined);
    assert.equal(publisher(published, 443, "192.0.2.1"), undefined);
  });
});
