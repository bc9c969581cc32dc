import assert from "node:assert/strict";

import { dockerProvider } from "../../docker/provider";

describe("stand-in docker plugin: Service", () => {
  const check = async (more: object) => {
    const resource = dockerProvider().resources["docker:index/service:Service"];
    const { failures = [] } = (await resource?.check({
      urn: "urn:pulumi:dev::jupyterhub::docker:index/service:Service::one",
      news: { name: "one", taskSpec: { containerSpec: { image: "debian" } }, ...more },
      olds: {},
      randomSeed: Buffer.alloc(0),
    })) ?? { failures: undefined };
    return failures.map(({ property }) => property).sort();
  };

  it("refuses to wait for a global service, as the real one does", async () => {
    const convergeConfig = { delay: "1s", timeout: "3m" };
    assert.deepEqual(await check({ mode: { global: true }, convergeConfig }), [
      "convergeConfig",
      "mode.global",
    ]);
    assert.deepEqual(await check({ mode: { global: true, replicated: { replicas: 1 } } }), [
      "mode.global",
      "mode.replicated",
    ]);
    assert.deepEqual(await check({ mode: { replicated: { replicas: 1 } }, convergeConfig }), []);
    assert.deepEqual(await check({ mode: { global: true } }), []);
  });
});
