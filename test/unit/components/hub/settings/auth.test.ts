import assert from "node:assert/strict";

import { AUTH_CA_FILE, authFiles, renderAuth } from "../../../../../components/hub/settings/auth";
import type { AuthConfig } from "../../../../../config";

const oidc: AuthConfig = {
  kind: "oidc",
  issuer: "https://sso.example.org",
  clientId: "hub",
  clientSecret: "auth_client_secret",
  users: ["ben", "ann"],
  admins: [],
  blocked: [],
  usersFile: "./userlist",
  caFile: "./ca.pem",
  caPem: "-----BEGIN CERTIFICATE-----",
  scopes: ["openid", "email"],
  allowedGroups: ["b", "a"],
  usernames: { fromEmail: true, domains: ["z-z", "a-a"], map: { z: "1", a: "2" } },
  autoLogin: undefined,
};

describe("renderAuth", () => {
  it("renders what was written, people and groups in one order, secrets by name, files by their place", () => {
    assert.equal(
      JSON.stringify(renderAuth(oidc)),
      JSON.stringify({
        admins: [],
        allowedGroups: ["a", "b"],
        blocked: [],
        caFile: AUTH_CA_FILE,
        clientId: "hub",
        clientSecret: "auth_client_secret",
        issuer: "https://sso.example.org",
        kind: "oidc",
        // An order that means something.
        scopes: ["openid", "email"],
        usernames: { domains: ["a-a", "z-z"], fromEmail: true, map: { a: "2", z: "1" } },
        users: ["ann", "ben"],
      }),
    );
  });

  it("gives the hub the authorities as a file, where there are some", () => {
    assert.deepEqual(authFiles(oidc), [{ path: AUTH_CA_FILE, content: "-----BEGIN CERTIFICATE-----" }]);
    assert.deepEqual(authFiles({ kind: "anonymous" }), []);
  });
});
