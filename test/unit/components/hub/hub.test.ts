import assert from "node:assert/strict";

import { answers, patient } from "../../../../components/health";
import { Hub } from "../../../../components/hub/hub";
import { run } from "../harness";
import type { Upload } from "../services";
import { logging, prefix, service } from "../services";

describe("Hub", () => {
  const make = (settings = "{}", opts = {}) =>
    run(
      () =>
        new Hub("hub", {
          prefix,
          image: "sha256:hub",
          settings,
          secrets: {
            cookie_secret: "COOKIE",
            crypt_key: "CRYPT",
            proxy_api_password: "PROXY",
            user_password: "USER",
            admin_password: "ADMIN",
          },
          networks: { notebooks: "nb", address: "10.200.8.2", control: "ctl" },
          volumes: { data: "data", proxy: "routes" },
          baseUrl: "/jupyter/",
          docker: { host: "ssh://admin@host" },
          startTimeout: 180,
          logging,
        }),
      opts,
    );

  it("is an ordinary user on two networks, with its two volumes and no Docker socket", async () => {
    const { inputs, find } = await make();
    const { uploads, healthcheck, ...rest } = inputs("hub-container");
    assert.ok(uploads);
    assert.deepEqual(healthcheck, {
      tests: patient(answers(8081, "/jupyter/hub/health")),
      interval: "1s",
      timeout: "1m30s",
      retries: 9,
      startPeriod: "30s",
    });
    assert.deepEqual(rest, {
      ...service("hub"),
      image: "sha256:hub",
      memory: 2048,
      memorySwap: 2048,
      ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }],
      networksAdvanced: [{ name: "nb", ipv4Address: "10.200.8.2", aliases: ["hub"] }, { name: "ctl" }],
      volumes: [
        { volumeName: "data", containerPath: "/srv/jupyterhub" },
        { volumeName: "routes", containerPath: "/srv/proxy" },
      ],
      wait: false,
      stopTimeout: 20,
    });
    assert.equal(find("hub-container").options.deleteBeforeReplace, true);
    assert.deepEqual(find("hub-container").options.replaceOnChanges, ["healthcheck"]);
  });

  it("gets each secret as a file, and as a secret to the engine", async () => {
    const { inputs } = await make();
    const uploads = inputs("hub-container")["uploads"] as Upload[];
    assert.deepEqual(
      uploads.slice(1).map(({ file, content, permissions }) => [file, content, permissions]),
      [
        ["/run/secrets/admin_password", { secret: "ADMIN" }, "0444"],
        ["/run/secrets/cookie_secret", { secret: "COOKIE" }, "0444"],
        ["/run/secrets/crypt_key", { secret: "CRYPT" }, "0444"],
        ["/run/secrets/proxy_api_password", { secret: "PROXY" }, "0444"],
        ["/run/secrets/user_password", { secret: "USER" }, "0444"],
      ],
    );
    assert.equal(uploads[0]?.file, "/etc/jupyterhub/config.json");
    assert.doesNotMatch(JSON.stringify(uploads[0]), /COOKIE|CRYPT|PROXY|USER|ADMIN/);
  });

  it("is waited for by a program that ends with a hub's loop of ends, since the provider would wait on", async () => {
    const { inputs } = await make();
    assert.deepEqual(inputs("hub-ready"), {
      create: "node tasks/run.cjs wait-for-hub",
      update: "true",
      environment: { STACK_PREFIX: prefix, START_TIMEOUT: "180", DOCKER_HOST: "ssh://admin@host" },
      triggers: ["hub-container-id"],
      logging: "none",
    });
  });

  it("is made anew when a setting changes", async () => {
    const info = await make();
    const debug = await make('{"hub":{"logLevel":"DEBUG"}}');
    assert.notDeepEqual(debug.inputs("hub-container"), info.inputs("hub-container"));
  });
});
