import assert from "node:assert/strict";

import { doorTo, engineHost, judgeAnswers, mainPort } from "../../../../setup/verify/front";
import { subject } from "./engine";

describe("the way to the published port", () => {
  it("is the port of TLS, or without TLS that of plain HTTP", () => {
    const http = { target: 8080, address: "", port: 80 };
    const https = { target: 8443, address: "", port: 443 };
    assert.equal(mainPort([http, https]), https);
    assert.equal(mainPort([http]), http);
    assert.equal(mainPort([]), undefined);
  });

  for (const [engine, address, expected] of [
    ["unix:///var/run/docker.sock", "0.0.0.0", "127.0.0.1 here"],
    ["unix:///var/run/docker.sock", "::", "::1 here"],
    ["unix:///var/run/docker.sock", "10.0.0.7", "10.0.0.7 here"],
    ["tcp://localhost:2376", "127.0.0.1", "127.0.0.1 here"],
    ["ssh://root@docker.example.org", "0.0.0.0", "docker.example.org"],
    ["tcp://[2001:db8::1]:2376", "", "2001:db8::1"],
    ["tcp://docker.example.org:2376", "192.0.2.9", "192.0.2.9"],
    ["tcp://docker.example.org:2376", "127.0.0.1", undefined],
  ] as const) {
    it(`to ${address || "all"} of the engine at ${engine}: ${expected ?? "none"}`, () => {
      const door = doorTo({ target: 8443, address, port: 443 }, engineHost(engine));
      const shown = typeof door === "string" ? undefined : `${door.host}${door.isHere ? " here" : ""}`;
      assert.equal(shown, expected);
    });
  }
});

describe("what the answers through the published port mean", () => {
  const api = { status: 200, body: '{"version": "6.1.1"}' };
  const page = { status: 200, body: "<html>" };
  const judge = (login = page, version = api, allow = false) => {
    const look = judgeAnswers(
      { ...subject, restrictsVisitors: allow },
      "https://127.0.0.1:443",
      login,
      version,
    );
    return [...look.findings.map(({ what }) => what), ...look.unmade.map((why) => `unmade: ${why}`)].join();
  };

  it("a login page, or the way to a login service, and the version: all is well", () => {
    assert.equal(judge(), "");
    assert.equal(judge({ status: 302, body: "" }), "");
  });

  for (const [what, login, version, expected] of [
    ["no route", 404, 404, /Traefik has no route to the hub/],
    ["a hub that does not run", 502, 502, /the hub does not answer Traefik \(HTTP 502/],
    ["a hub that fails", 500, 200, /the login page answers HTTP 500/],
    ["somebody else's program", 200, 200.5, /expected the version from the hub's API, got HTTP 200/],
    ["a refusal that nobody asked for", 403, 403, /Traefik refuses this machine \(HTTP 403\)/],
  ] as const) {
    it(what, () => {
      const body = version === 200 ? api.body : "<html>";
      assert.match(judge({ status: login, body: "" }, { status: Math.floor(version), body }), expected);
    });
  }

  it("a refusal by edge.allow, or of too many requests: nothing is known", () => {
    const refused = { status: 403, body: "Forbidden" };
    assert.match(
      judge(refused, refused, true),
      /^unmade: .*edge\.allow does not let this machine's address in$/,
    );
    const many = { status: 429, body: "Too Many Requests" };
    assert.match(judge(many, many), /^unmade: .*HTTP 429/);
    assert.match(judge(many), /^unmade: .*HTTP 429/);
  });
});
