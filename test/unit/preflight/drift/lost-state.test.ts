import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

import { tokenName } from "../../../../components/hub/settings/access";
import type { HubConfig } from "../../../../config";
import type { Standing } from "../../../../preflight/drift/engine";
import { CONTAINER } from "../../../../preflight/drift/kinds";
import {
  isServer,
  keptBefore,
  lostStateProblem,
  secretsOf,
  unknownToState,
} from "../../../../preflight/drift/lost-state";

const hub: Standing = { kind: "container", id: "h", name: "x-hub", role: "hub" };
const control: Standing = { kind: "network", id: "n", name: "x-control", role: "control" };
const server: Standing = { kind: "container", id: "u", name: "x-user-alice", role: "user" };

describe("a stack that its state does not know", () => {
  it("is there when the engine has its objects and the state none", () => {
    assert.deepEqual(unknownToState([], [hub, control, server]), [hub, control]);
    const password = { type: "random:index/randomPassword:RandomPassword", name: "p", outputs: {} };
    assert.deepEqual(unknownToState([password], [hub]), [hub]);
    assert.deepEqual(unknownToState([{ type: CONTAINER, name: "c", outputs: {} }], [hub]), []);
    assert.deepEqual(unknownToState([], [server]), []);
    const volume: Standing = { kind: "volume", id: "v", name: "x-hub-data", role: "hub-data" };
    assert.deepEqual(unknownToState([], [volume]), []);
    // Of a first run that was killed while it asked an image for its version.
    const passing: Standing = { ...hub, name: "eager_hopper", role: "version-check" };
    assert.deepEqual(unknownToState([], [passing]), []);
    assert.deepEqual(unknownToState([], [passing, hub]), [hub]);
    const home: Standing = { kind: "volume", id: "h", name: "x-home-alice", role: "user" };
    assert.deepEqual([server, home, volume, hub].map(isServer), [true, false, false, false]);
    assert.equal(isServer({ ...server, kind: "service" }), true);
  });

  it("is told with a command for each way", () => {
    const text = lostStateProblem("prod", "x", [hub, control], 2);
    assert.match(text, /"x" \(1 container, 1 network, 2 running notebook servers\)/);
    for (const command of [
      "./up prod --take-over",
      "./hub objects remove --stack prod",
      "./hub pulumi config set --stack prod jupyterhub:name x-2",
    ]) {
      assert.ok(text.includes(command), command);
    }
    assert.match(lostStateProblem("prod", "x", [control], 0), /"x" \(1 network\)/);
    const service: Standing = { ...hub, kind: "service" };
    assert.match(lostStateProblem("prod", "x", [service, service], 0), /"x" \(2 services\)/);
  });

  it("keeps the secrets of its hub, each by the resource that would make it, and takes nothing of another form", async () => {
    const archive = pack();
    const files = {
      cookie_secret: "a".repeat(64),
      crypt_key: "not hex",
      user_password: "Abcdefgh12345678",
      client_secret: "of the configuration",
      [tokenName("bot")]: "T".repeat(48),
    };
    for (const [name, text] of Object.entries(files)) {
      archive.entry({ name: `secrets/${name}` }, text);
    }
    archive.finalize();
    const tar = await buffer(archive);
    const config = { hub: { services: { bot: {} } } } as unknown as HubConfig;
    const kept = secretsOf(config, tar);
    assert.equal(kept["credentials-cookie-secret"], "a".repeat(64));
    assert.equal(kept["credentials-user-password"], "Abcdefgh12345678");
    assert.equal(kept["service-tokens-bot"], "T".repeat(48));
    assert.equal(kept["credentials-crypt-key"], undefined);
    assert.ok(!JSON.stringify(kept).includes("of the configuration"));
    assert.deepEqual(secretsOf(config, undefined), {});
  });

  it("goes on with them at each later update", () => {
    const outputs = { environment: { "credentials-cookie-secret": "a", other: 7 } };
    assert.deepEqual(keptBefore([{ type: "command:local:Command", name: "kept-secrets", outputs }]), {
      "credentials-cookie-secret": "a",
    });
    assert.deepEqual(keptBefore([]), {});
  });
});
