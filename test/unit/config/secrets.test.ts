import assert from "node:assert/strict";
import { inspect } from "node:util";

import { secretName, secretsFor, SecretText, takeSecrets } from "../../../config/secrets";

describe("secrets of the configuration", () => {
  it("leave their names behind, at whatever depth", () => {
    const values = {
      auth: { clientSecret: new SecretText("one", ["hub"]) },
      hub: { services: { grader: { token: new SecretText("two", ["registry", "hub"]), scopes: ["a"] } } },
    };
    assert.deepEqual(takeSecrets(values), {
      values: {
        auth: { clientSecret: "auth_client_secret" },
        hub: { services: { grader: { token: "hub_services_grader_token", scopes: ["a"] } } },
      },
      secrets: {
        auth_client_secret: { text: "one", readers: ["hub"], path: ["auth", "clientSecret"] },
        hub_services_grader_token: {
          text: "two",
          readers: ["registry", "hub"],
          path: ["hub", "services", "grader", "token"],
        },
      },
    });
  });

  it("are had by their readers only", () => {
    const secrets = {
      one: { value: "1", readers: ["hub"] as const },
      two: { value: "2", readers: ["proxy", "hub"] as const },
    };
    assert.deepEqual(secretsFor({ secrets }, "hub"), { one: "1", two: "2" });
    assert.deepEqual(secretsFor({ secrets }, "proxy"), { two: "2" });
    assert.deepEqual(secretsFor({ secrets }, "registry"), {});
  });

  it("have names that a file can have", () => {
    assert.equal(secretName(["tls", "environment", "AWS_KEY-2"]), "tls_environment_aws_key_2");
  });

  it("are not printed", () => {
    const secret = new SecretText("hidden", ["hub"]);
    assert.doesNotMatch(`${JSON.stringify([secret])} ${inspect(secret)}`, /hidden/);
  });
});
