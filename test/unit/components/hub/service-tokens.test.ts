import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { Hub } from "../../../../components/hub/hub";
import { ServiceTokens } from "../../../../components/hub/service-tokens";
import { HubImage } from "../../../../components/image/hub-image";
import { run, urnName, value } from "../harness";

describe("ServiceTokens", () => {
  it("makes one long secret token a service", async () => {
    const { result, ofType, find } = await run(
      () => new ServiceTokens("service-tokens", { services: ["b", "a"] }),
    );
    assert.deepEqual(
      ofType("random:index/randomPassword:RandomPassword").map(({ name, inputs }) => [
        name,
        inputs["length"],
        inputs["special"],
      ]),
      [
        ["service-tokens-a", 48, false],
        ["service-tokens-b", 48, false],
      ],
    );
    assert.equal(urnName(find("service-tokens-a").parent), "service-tokens");
    const token = result.tokens["a"] as pulumi.Output<string>;
    assert.equal(await pulumi.isSecret(token), true);
    assert.equal(await value(pulumi.unsecret(token)), "password-of-service-tokens-a");
  });
});

describe("HubImage", () => {
  it("has packages, sorted, and build arguments of the configuration", async () => {
    const args = {
      prefix: "p",
      platform: "linux/amd64",
      packages: ["b==2", "a==1"],
      args: { PIP_INDEX_URL: "u" },
    };
    const { inputs } = await run(() => new HubImage("hub-image", args));
    assert.deepEqual((inputs("hub-image-build")["build"] as { args: unknown }).args, {
      EXTRA_PACKAGES: "a==1 b==2",
      PIP_INDEX_URL: "u",
      STACK: "p",
    });
  });
});

describe("Hub", () => {
  it("gets files that may be no text as base64", async () => {
    const { inputs } = await run(
      () =>
        new Hub("hub", {
          prefix: "p",
          image: "sha256:hub",
          settings: "{}",
          secrets: { cookie_secret: "C", crypt_key: "K", proxy_api_password: "P" },
          files: [{ path: "/etc/jupyterhub/logo.png", base64: "iVBORw==" }],
          networks: { notebooks: "nb", address: "10.200.8.2", control: "ctl" },
          volumes: { data: "d", proxy: "r" },
          baseUrl: "/",
          docker: {},
          startTimeout: 180,
          logging: { maxSize: "10m", maxFiles: 3 },
        }),
    );
    const uploads = inputs("hub-container")["uploads"] as Record<string, unknown>[];
    assert.deepEqual(uploads.at(-1), {
      file: "/etc/jupyterhub/logo.png",
      contentBase64: "iVBORw==",
      permissions: "0444",
    });
  });
});
