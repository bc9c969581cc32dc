/** Going back on purpose, in a story whose last update has changed the hub's log level to DEBUG. */
import assert from "node:assert/strict";

import { paths } from "../../components/hub/settings/paths";
import { filesOf } from "../../docker-api/archive";
import type { Deployment } from "./deployment";
import type { HubClient } from "./hub-client";

/** @param alice somebody with a token */
export async function goesBackAndForward(deployment: Deployment, alice: HubClient): Promise<void> {
  const hub = () => deployment.docker.getContainer(`${deployment.name}-hub`).inspect();
  const level = async () => {
    const [text = ""] = await filesOf(
      deployment.docker.getContainer(`${deployment.name}-hub`),
      paths.settings,
    );
    return (JSON.parse(text) as { hub: { logLevel: string } }).hub.logLevel;
  };
  const newer = await hub();
  assert.equal(await level(), "DEBUG");

  const refused = await deployment.hub(["rollback", "--json"], { ok: false });
  assert.equal(refused.code, 2, refused.output);
  assert.match(refused.output, /expected --yes/);
  assert.equal((await hub()).Id, newer.Id);

  const { output } = await deployment.hub(["rollback", "--yes"]);
  assert.match(output, /runs and is healthy/);
  assert.match(output, /Its database was not changed/);
  assert.equal(await level(), "INFO");
  assert.equal((await alice.api("hub/api/users/alice")).status, 200, "her token is gone");
  const previewed = await deployment.up(["--preview"]);
  assert.match(previewed.output, /replaced by the one of before \(\.\/hub rollback/);

  const forward = await deployment.hub(["rollback", "--yes", "--json"]);
  assert.equal((JSON.parse(forward.stdout) as { image: string }).image, newer.Image);
  assert.equal(await level(), "DEBUG");

  await deployment.up();
  assert.equal(await level(), "DEBUG");
  await deployment.up(["--expect-no-changes"]);
  const { stdout } = await deployment.hub(["rollback", "--forget", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { forgotten: true });
  const none = await deployment.hub(["rollback", "--yes"], { ok: false });
  assert.equal(none.code, 1, none.output);
  assert.match(none.output, /expected a hub of before, found none/);
}
