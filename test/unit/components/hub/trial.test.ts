import assert from "node:assert/strict";

import { Hub } from "../../../../components/hub/hub";
import { HubTrial } from "../../../../components/hub/trial";
import { run } from "../harness";
import type { Upload } from "../services";
import { logging, prefix } from "../services";

describe("HubTrial", () => {
  const contents = {
    prefix,
    image: "sha256:hub",
    settings: '{"version":1}',
    secrets: { cookie_secret: "COOKIE", crypt_key: "CRYPT", proxy_api_password: "PROXY" },
    files: [{ path: "/etc/jupyterhub/logo.png", base64: "iVBORw==" }],
    networks: { notebooks: "nb", address: "10.200.8.2", control: "ctl", outside: "public" },
    volumes: { data: "data", proxy: "routes" },
    logging,
  };
  const make = (more: Partial<typeof contents> & { hasHub?: boolean } = {}) =>
    run(() => {
      const { hasHub = true, ...changes } = more;
      const args = { ...contents, ...changes, docker: {}, startTimeout: 180, baseUrl: "/" };
      const trial = new HubTrial("hub-trial", { ...args, hasHub });
      new Hub("hub", args, { dependsOn: [trial] });
    });
  const stdin = async (...args: Parameters<typeof make>) => {
    const { inputs } = await make(...args);
    const { secret } = inputs("hub-trial-run")["stdin"] as { secret: string };
    return JSON.parse(secret) as { image: string; files: { path: string; content?: string }[] };
  };

  it("is given all that the hub's container is made of, as a secret", async () => {
    const { inputs } = await make();
    const { stdin: given, ...rest } = inputs("hub-trial-run");
    assert.deepEqual(rest, {
      create: "node tasks/run.cjs try-hub",
      update: "node tasks/run.cjs try-hub",
      delete: "node tasks/run.cjs remove-spare-hub",
      environment: { STACK_PREFIX: prefix, START_TIMEOUT: "180" },
      addPreviousOutputInEnv: false,
      logging: "none",
    });
    const { secret } = given as { secret: string };
    const { uploads, image, networksAdvanced, volumes, logOpts } = inputs("hub-container");
    const tried = JSON.parse(secret) as Record<string, unknown>;
    assert.deepEqual(
      (tried["files"] as { path: string; content?: string; base64?: string }[]).map(
        ({ path, content, base64 }) => [path, content ?? base64],
      ),
      (uploads as Upload[]).map(({ file, content, contentBase64 }) => [
        file,
        typeof content === "object" ? content.secret : (content ?? contentBase64),
      ]),
    );
    assert.deepEqual(
      { image: tried["image"], networksAdvanced: tried["networksAdvanced"], volumes: tried["volumes"] },
      { image, networksAdvanced, volumes },
    );
    assert.deepEqual(tried["logging"], { maxSize: "10m", maxFiles: 3 });
    assert.deepEqual(logOpts, { "max-size": "10m", "max-file": "3" });
  });

  it("is another one when anything changes that replaces the hub, and for nothing else", async () => {
    const usual = await stdin();
    assert.deepEqual(await stdin({}), usual);
    for (const change of [
      { image: "sha256:other" },
      { settings: "{}" },
      { secrets: { ...contents.secrets, cookie_secret: "OTHER" } },
      { files: [] },
      { networks: { ...contents.networks, address: "10.200.8.3" } },
      { volumes: { ...contents.volumes, data: "other" } },
      { logging: { maxSize: "1m", maxFiles: 3 } },
    ]) {
      assert.notDeepEqual(await stdin(change), usual, JSON.stringify(change));
    }
  });

  it("does nothing for the first hub, and that there was none stays no change later", async () => {
    const { inputs, find } = await make({ hasHub: false });
    assert.equal(inputs("hub-trial-run")["create"], "true");
    assert.deepEqual(find("hub-trial-run").options.ignoreChanges, ["create"]);
  });

  it("comes before the hub's container", async () => {
    const { find } = await make();
    const { dependencies } = find("hub").options;
    assert.ok(
      dependencies.some((urn) => urn.endsWith("::hub-trial-run")),
      dependencies.join(", "),
    );
  });
});
