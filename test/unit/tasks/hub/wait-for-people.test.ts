import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { waitForPeople } from "../../../../tasks/hub/wait-for-people";

/** A hub whose file says one after the other; null is none. */
function hub(...contents: (string | null)[]): { docker: Docker; asked: string[] } {
  const asked: string[] = [];
  const getArchive = async ({ path }: { path: string }) => {
    asked.push(path);
    const content = contents.length > 1 ? contents.shift() : contents[0];
    if (content === null || content === undefined) {
      throw Object.assign(new Error("no such file"), { statusCode: 404 });
    }
    const archive = pack();
    const whole = buffer(archive);
    archive.entry({ name: "people-taken.json" }, content);
    archive.finalize();
    return Readable.from([await whole]);
  };
  const docker = {
    getContainer: (name: string) => {
      assert.equal(name, "x-hub");
      return { getArchive };
    },
  };
  return { docker: docker as unknown as Docker, asked };
}

const said = (sha256: string, problem: string | null = null) =>
  JSON.stringify({ version: 1, sha256, problem });

describe("waiting for the hub to take over people's settings", () => {
  it("goes on as soon as the hub works with the file", async () => {
    const { docker, asked } = hub(null, "half of a fi", said("before"), said("now"));
    await waitForPeople(docker, "x", "now", 10_000);
    assert.deepEqual(new Set(asked), new Set(["/srv/jupyterhub/people-taken.json"]));
    assert.equal(asked.length, 4);
  });

  it("fails with the reason of the hub, of this file and no other, without what a terminal would obey", async () => {
    const { docker } = hub(said("before", "an older one"), said("now", "people.json: users: \u001B[31mbad"));
    await assert.rejects(waitForPeople(docker, "x", "now", 10_000), ({ message }: Error) => {
      assert.match(message, /could not take over the settings of people: people\.json: users/);
      assert.ok(!message.includes("\u001B"), message);
      return true;
    });
  });

  it("fails where the hub does not look at it in time, and says where its log is", async () => {
    const { docker } = hub(said("before"));
    await assert.rejects(
      waitForPeople(docker, "x", "now", 100),
      /not taken over the settings of people within 0\.1 s.*docker logs x-hub/,
    );
  });
});
