import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { AuthConfig } from "../../../config";
import { loginOutputs, passwordSecrets, passwordsOf } from "../../../stacks/login";

const URL = "https://hub.example.org:8443/base/";
const people = { users: ["ann"], admins: ["root"], blocked: [] };
const outputs = (auth: object) => loginOutputs(auth as AuthConfig, URL, {});

describe("the outputs of a login", () => {
  it("have the callback address for OAuth", () => {
    for (const kind of ["github", "gitlab", "google", "azuread", "oidc", "cilogon"]) {
      assert.deepEqual(outputs({ kind, ...people }), {
        login: kind,
        users: ["ann"],
        admins: ["root"],
        callbackUrl: "https://hub.example.org:8443/base/hub/oauth_callback",
      });
    }
  });

  it("have no blocked people", () => {
    const lists = { users: ["ann", "eve"], admins: ["eve", "root"], blocked: ["Eve"] };
    const { users, admins } = outputs({ kind: "pam", ...lists });
    assert.deepEqual([users, admins], [["ann"], ["root"]]);
    const spellings = { users: ["j\u00fcrgen"], admins: ["root"], blocked: ["Ju\u0308rgen"] };
    assert.deepEqual(outputs({ kind: "pam", ...spellings }).users, []);
  });

  it("have what a learning platform asks for", () => {
    assert.deepEqual(outputs({ kind: "lti13", ...people }), {
      login: "lti13",
      users: ["ann"],
      admins: ["root"],
      loginUrl: `${URL}hub/lti13/oauth_login`,
      callbackUrl: `${URL}hub/lti13/oauth_callback`,
      toolConfigurationUrl: `${URL}hub/lti13/config`,
    });
  });

  it("have passwords where there are some", () => {
    const [userPassword, adminPassword] = [pulumi.output("u"), pulumi.output("a")];
    const auth = { kind: "native", ...people } as unknown as AuthConfig;
    assert.deepEqual(Object.keys(loginOutputs(auth, URL, { adminPassword })), [
      "login",
      "users",
      "admins",
      "adminPassword",
      "signUpUrl",
    ]);
    assert.deepEqual(outputs({ kind: "anonymous" }), { login: "anonymous" });
    assert.deepEqual(passwordSecrets({ userPassword, adminPassword }), {
      user_password: userPassword,
      admin_password: adminPassword,
    });
    assert.deepEqual(passwordSecrets({}), {});
    assert.deepEqual(passwordsOf("shared-password"), ["user", "admin"]);
    assert.deepEqual(passwordsOf("native"), ["admin"]);
    assert.deepEqual(passwordsOf("pam"), []);
  });
});
