/**
 * The settings files of the hub, as the stacks make them: test/python reads the same files with the models of the hub's
 * package. A file that changes replaces people's hubs.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import type { Variant } from "../../config";
import { compareWithFixture } from "../fixtures";
import type { Run } from "./harness";
import { stackRunner, type StackRunner } from "./stack-run";
import { files, least, logins, rich } from "./written";

const FOLDER = "hub-settings";
const PATH = "/etc/jupyterhub/config.json";

/** Text of the settings file in what was registered: a container's upload, or a configuration of a service. */
export function settingsText({ find, registrations }: Pick<Run<unknown>, "find" | "registrations">): string {
  const config = registrations.find(({ name }) => name.endsWith("-hub-etc-jupyterhub-config-json"));
  if (config !== undefined) return Buffer.from(config.inputs["data"] as string, "base64").toString();
  const { uploads } = find("hub-container").inputs as { uploads: { file: string; content: string }[] };
  const found = uploads.find(({ file }) => file === PATH);
  assert.ok(found, `no ${PATH} among the files of the hub`);
  return found.content;
}

/** All cases by name: `<variant>-<kind of login>`, and `<variant>-rich`. */
const cases = (Object.keys(least) as Variant[]).flatMap((variant) => [
  ...Object.entries(logins).map(
    ([kind, auth]) => [`${variant}-${kind}`, { ...least[variant], auth }] as const,
  ),
  [`${variant}-rich`, rich[variant]] as const,
]);

describe("the settings file of the hub", () => {
  let runner: StackRunner;
  before(async () => {
    runner = await stackRunner();
  });
  after(() => runner.close());

  const textOf = async (written: Readonly<Record<string, unknown>>): Promise<string> =>
    settingsText(await runner.make(written, files));

  for (const [name, written] of cases) {
    it(`is as it was: ${name}`, async () => {
      const text = await textOf(written);
      const value: unknown = JSON.parse(text);
      // What the fixture cannot show: that there is nothing between the values.
      assert.equal(text, JSON.stringify(value));
      compareWithFixture(join(FOLDER, `${name}.json`), value);
    });
  }

  it("has a fixture for each variant and kind of login, and no other", () => {
    assert.deepEqual(
      readdirSync(join(__dirname, "..", "fixtures", FOLDER)).sort(),
      cases.map(([name]) => `${name}.json`).sort(),
    );
  });
});
