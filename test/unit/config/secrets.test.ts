import assert from "node:assert/strict";
import { inspect } from "node:util";
import { SecretText, secretName, takeSecrets } from "../../../config/secrets";

describe("secrets of the configuration", () => {
  it("leave their names behind, at whatever depth", () => {
    const values = {
      auth: { clientSecret: new SecretText("one") },
      hub: { services: { grader: { token: new SecretText("two"), scopes: ["a"] } } },
    };
    assert.deepEqual(takeSecrets(values), {
      values: {
        auth: { clientSecret: "auth_client_secret" },
        hub: { services: { grader: { token: "hub_services_grader_token", scopes: ["a"] } } },
      },
      secrets: {
        auth_client_secret: { text: "one", path: ["auth", "clientSecret"] },
        hub_services_grader_token: { text: "two", path: ["hub", "services", "grader", "token"] },
      },
    });
  });

  it("have names that a file can have", () => {
    assert.equal(secretName(["tls", "environment", "AWS_KEY-2"]), "tls_environment_aws_key_2");
  });

  it("are not printed", () => {
    const secret = new SecretText("hidden");
    assert.doesNotMatch(`${JSON.stringify([secret])} ${inspect(secret)}`, /hidden/);
  });
});
