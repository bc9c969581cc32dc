import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { Credentials } from "../../../../components/auth/credentials";
import { run } from "../harness";

describe("Credentials", () => {
  it("makes passwords that people can type and keys of 32 bytes", async () => {
    const { registrations } = await run(
      () => new Credentials("credentials", { passwords: ["user", "admin"] }),
    );
    assert.deepEqual(
      registrations
        .filter((one) => one.custom)
        .sort((a, b) => a.name.localeCompare(b.name))
        .map(({ type, name, inputs }) => [type, name, inputs]),
      [
        [
          "random:index/randomPassword:RandomPassword",
          "credentials-admin-password",
          { length: 32, special: false },
        ],
        ["random:index/randomBytes:RandomBytes", "credentials-cookie-secret", { length: 32 }],
        ["random:index/randomBytes:RandomBytes", "credentials-crypt-key", { length: 32 }],
        [
          "random:index/randomPassword:RandomPassword",
          "credentials-proxy-api-password",
          { length: 32, special: false },
        ],
        [
          "random:index/randomPassword:RandomPassword",
          "credentials-user-password",
          { length: 16, special: false },
        ],
      ],
    );
  });

  it("hands all of them out as secrets", async () => {
    const { result } = await run(() => new Credentials("credentials", { passwords: ["user", "admin"] }));
    const { userPassword, adminPassword, cookieSecret, cryptKey, proxyApiPassword } = result;
    const outputs = [userPassword, adminPassword, cookieSecret, cryptKey, proxyApiPassword];
    assert.ok(outputs.every((output) => output !== undefined));
    assert.deepEqual(
      await Promise.all(outputs.map((output) => pulumi.isSecret(output))),
      outputs.map(() => true),
    );
  });

  it("makes only the passwords that the login has", async () => {
    const { registrations, result } = await run(
      () => new Credentials("credentials", { passwords: ["admin"] }),
    );
    const names = registrations.filter((one) => one.custom).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith("-password")).sort(), [
      "credentials-admin-password",
      "credentials-proxy-api-password",
    ]);
    assert.equal(result.userPassword, undefined);
  });
});
