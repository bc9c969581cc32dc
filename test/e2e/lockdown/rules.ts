import assert from "node:assert/strict";

import { until } from "../until";
import type { Stage } from "./stage";

/** What of an attack went as far as the rules, by their names. */
const CLOSED_BY_RULES = ["neighbours", "the host", "link-local addresses", "private networks"];

/** Each thing that is closed has met its own rule: the counters tell. */
export async function closedByRules(stage: Stage, more: readonly string[] = []): Promise<void> {
  const rules = await stage.nft("list", "table", "inet", stage.table);
  // Newer engines give servers of a closed network no route to anywhere else: nothing gets as far as a rule.
  const routes = await stage.alice.python("print(open('/proc/net/route').read())");
  const routed = /^\S+\t00000000\t/m.test(routes);
  for (const name of routed ? [...CLOSED_BY_RULES, ...more] : ["neighbours"]) {
    const [, packets] =
      new RegExp(`counter packets (\\d+) bytes \\d+ drop comment "${name}`).exec(rules) ?? [];
    assert.ok(Number(packets) > 0, `${name}: ${packets ?? "no"} packets in ${rules}`);
  }
}

/** The rules: which there are, and that they come back. */
export function rulesTests(stage: () => Stage): void {
  it("closes each thing by its own rule, whose counter tells of the attacks", async () => {
    await stage().attack();
    await closedByRules(stage(), ["name servers", "the internet"]);
  });

  it("finds the holes when the rules are away, puts the rules back at once, and closes them", async () => {
    const open = (await stage().withoutRules(() => stage().holes())).join("\n");
    const { ServerVersion } = (await stage().deployment.docker.info()) as { ServerVersion: string };
    // From 28 on the engine keeps the host off the network by itself.
    const host = Number.parseInt(ServerVersion, 10) >= 28 ? [] : ["the host on its bridge"];
    for (const name of ["a neighbour", "somebody else's server", "proxy on notebooks", ...host]) {
      assert.ok(open.includes(name), `${name} was not found open: ${open}`);
    }
    assert.deepEqual(await stage().holes(), []);

    const before = Date.now();
    await stage().nft("flush", "table", "inet", stage().table);
    await until(
      "rules are back",
      async () => (await stage().nft("list", "table", "inet", stage().table)).includes("jump notebooks"),
      5000,
    );
    console.log(`rules were back, and seen to be, after ${Date.now() - before} ms`);
  });

  it("puts rules back when somebody removes all that there are", async () => {
    // On a network of its own: this host has others' rules, too.
    const { Config } = await stage().firewall.inspect();
    const options = {
      Env: Config.Env,
      HostConfig: { NetworkMode: "none", CapAdd: ["NET_ADMIN"] },
    };
    await stage().beside(options, async (container) => {
      const there = async () =>
        (await stage().exec(container, "nft", "list", "tables")).includes(stage().table);
      await until("rules are there", there);
      await stage().exec(container, "nft", "flush", "ruleset");
      await until("rules are back", there, 5000);
    });
  });
}
