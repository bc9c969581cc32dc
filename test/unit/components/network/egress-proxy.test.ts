import assert from "node:assert/strict";

import { EgressProxy } from "../../../../components/network/egress-proxy";
import { run } from "../harness";

const prefix = "jupyterhub-test";

const logging = { maxSize: "10m", maxFiles: 3 };

describe("EgressProxy", () => {
  const make = (allow: { host: string; ports: number[]; groups?: string[] }[]) =>
    run(
      () =>
        new EgressProxy("egress", {
          prefix,
          image: "sha256:hub",
          allow,
          networks: { notebooks: "nb", address: "10.200.8.4", egress: "out" },
          logging,
        }),
    );
  const one = { host: "packages.example.org", ports: [443] };
  const other = { host: "*.example.org", ports: [443, 80], groups: ["b", "a"] };

  it("has a leg on each side, no privilege, and its key as a secret file", async () => {
    const { inputs } = await make([one]);
    const { uploads, networksAdvanced, user } = inputs("egress-container");
    assert.equal(user, "10001:10001");
    assert.deepEqual(networksAdvanced, [
      { name: "nb", ipv4Address: "10.200.8.4", aliases: ["egress"] },
      { name: "out" },
    ]);
    const [settings, key] = uploads as { file: string; content: unknown }[];
    assert.deepEqual(JSON.parse(settings?.content as string), {
      version: 1,
      listen: "0.0.0.0:3128",
      allow: [{ host: "packages.example.org", ports: [443], groups: null }],
    });
    assert.deepEqual(key?.content, { secret: "hex-of-egress-key" });
  });
  it("is the same whatever order the list is in", async () => {
    const first = await make([one, other]);
    const second = await make([{ ...other, ports: [80, 443], groups: ["a", "b"] }, one]);
    assert.deepEqual(second.inputs("egress-container"), first.inputs("egress-container"));
  });
});
