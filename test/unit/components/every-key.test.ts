/** From the configuration to the hub's file: no key is carried by hand, so none can be forgotten. */
import assert from "node:assert/strict";

import { hubSettings } from "../../../components/hub/settings";
import type { HubConfig } from "../../../config";
import { dockerWiring, hubConfig, swarmWiring } from "../../components/hub-settings";
import { files, rich } from "../../components/written";

const config = hubConfig(rich["single-host"], files);
const inSwarm = hubConfig(rich.swarm, files);
const wiring = { ...dockerWiring, postgres: { host: "h", port: 1, name: "n", user: "u" } };

/** What differs between two values, by path. */
function differences(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isMap(before) || !isMap(after)) return [path];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differences(before[name], after[name], `${path}/${name}`));
}

const PROBE = { aKeyThatIsNewInTheSchema: "value" };

/** A copy with a key that no code knows in the map at a path; `*` is the first of a list or map. */
function withProbe<T>(value: T, path: readonly string[]): T {
  const [step, ...rest] = path;
  if (step === undefined) return { ...value, ...PROBE };
  const entries = Object.entries(value as object) as [string, unknown][];
  const name = step === "*" ? entries[0]?.[0] : step;
  assert.ok(
    entries.some(([one]) => one === name),
    `no ${step} to put something into`,
  );
  const changed = entries.map(([one, item]) => [one, one === name ? withProbe(item, rest) : item] as const);
  return (Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed)) as T;
}

describe("a key that is new in the schema", () => {
  for (const [path, place] of [
    ["hub", "/hub"],
    ["hub.loginLockout", "/hub/loginLockout"],
    ["hub.announcement", "/pages/announcement"],
    ["hub.roles.*", "/access/roles/1"],
    ["hub.services.*", "/access/services/1"],
    ["servers", "/servers"],
    ["servers.idle", "/servers/idle"],
    ["servers.idle.exceptions.*", "/servers/idle/exceptions/1"],
    ["notebook", "/spawner"],
    ["notebook.limits", "/spawner/limits"],
    ["notebook.profiles.*", "/spawner/profiles/0"],
    ["notebook.profiles.*.limits", "/spawner/profiles/0/limits"],
    ["storage", "/storage"],
    ["storage.volumes.*", "/storage/volumes/0"],
    ["storage.owner", "/storage"],
    ["groups.*", "/groups/physics"],
    ["groups.*.limits", "/groups/physics/limits"],
    ["users.*", "/users/bob"],
    ["users.*.limits", "/users/bob/limits"],
    ["auth", "/auth"],
    ["swarm.notebooks", "/spawner"],
  ] as const) {
    it(`of ${path} is in the hub's file, once, with no code that names it`, () => {
      const isOfSwarm = path.startsWith("swarm");
      const [before, made] = isOfSwarm ? [inSwarm, swarmWiring] : [config, wiring];
      const after = withProbe<HubConfig<string>>(before, path.split("."));
      assert.deepEqual(differences(hubSettings(before, made), hubSettings(after, made)), [
        `${place}/aKeyThatIsNewInTheSchema`,
      ]);
    });
  }
});
