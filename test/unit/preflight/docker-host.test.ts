import assert from "node:assert/strict";

import { dockerAddress, dockerHost, unreachable } from "../../../preflight/docker-host";

describe("dockerHost", () => {
  for (const [configured, environment, expected] of [
    [undefined, {}, "unix:///var/run/docker.sock"],
    [undefined, { DOCKER_HOST: "" }, "unix:///var/run/docker.sock"],
    [undefined, { DOCKER_HOST: "tcp://10.0.0.1:2376" }, "tcp://10.0.0.1:2376"],
    ["ssh://a@b", { DOCKER_HOST: "tcp://10.0.0.1:2376" }, "ssh://a@b"],
  ] as const) {
    it(`is ${expected} for ${configured ?? "nothing"} and ${JSON.stringify(environment)}`, () => {
      assert.equal(dockerHost(configured, environment), expected);
    });
  }
});

describe("dockerAddress", () => {
  it("of the environment holds no login, which would be readable in the state", () => {
    for (const host of ["ssh://ada:hunter2@host", "tcp://ada:hunter2@host:2376"]) {
      assert.throws(
        () => dockerAddress({}, { DOCKER_HOST: host }),
        (error: Error) =>
          /^DOCKER_HOST: expected .*with a password/.test(error.message) && !/hunter2/.test(error.message),
      );
    }
    assert.deepEqual(dockerAddress({}, { DOCKER_HOST: "ssh://ada@host" }), { host: "ssh://ada@host" });
  });
});

describe("unreachable", () => {
  it("names the command that starts the engine", () => {
    assert.match(
      unreachable("unix:///run/d.sock", "ENOENT", "x"),
      /^No Docker Engine answers at \/run\/d\.sock\. Start it with: sudo systemctl start docker/,
    );
    assert.match(unreachable("unix:///run/d.sock", "ECONNREFUSED", "x"), /^No Docker Engine answers/);
  });
  it("names the command that gives the right to the socket", () => {
    assert.match(
      unreachable("unix:///run/d.sock", "EACCES", "x"),
      /^No permission to use .*sudo usermod -aG docker \S+/,
    );
  });
  it("names the configuration key of a remote host", () => {
    assert.match(
      unreachable("tcp://10.0.0.1:2376", "ETIMEDOUT", "timed out"),
      /^jupyterhub:docker\.host: expected a Docker Engine at tcp:\/\/10\.0\.0\.1:2376, got no answer \(timed out\)/,
    );
  });
});
