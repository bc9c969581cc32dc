import assert from "node:assert/strict";

import { socketPath, withPort } from "../../../docker-api/address";

describe("addresses of Docker Engines", () => {
  for (const [host, tls, expected] of [
    ["tcp://docker.example.org", true, "tcp://docker.example.org:2376"],
    ["tcp://docker.example.org", false, "tcp://docker.example.org:2375"],
    ["tcp://docker.example.org:99", true, "tcp://docker.example.org:99"],
    ["tcp://[::1]", true, "tcp://[::1]:2376"],
    ["tcp://[::1]:99", true, "tcp://[::1]:99"],
    ["ssh://ada@host", false, "ssh://ada@host"],
    ["unix:///run/docker.sock", false, "unix:///run/docker.sock"],
  ] as const) {
    it(`${host} ${tls ? "with" : "without"} TLS is ${expected}`, () => {
      assert.equal(withPort(host, tls), expected);
    });
  }
  it("only a unix:// host has a socket", () => {
    assert.equal(socketPath("unix:///run/docker.sock"), "/run/docker.sock");
    assert.equal(socketPath("tcp://a:1"), undefined);
  });
});
