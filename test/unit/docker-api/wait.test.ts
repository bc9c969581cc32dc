import assert from "node:assert/strict";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { filesOf } from "../../../docker-api/archive";
import { messageOf, statusOf } from "../../../docker-api/errors";
import { until, waitFor } from "../../../docker-api/wait";

describe("waiting", () => {
  it("ends with what is seen", async () => {
    let looks = 0;
    const look = (): Promise<string | undefined> => Promise.resolve((looks += 1) === 3 ? "there" : undefined);
    assert.equal(await waitFor(look, 60_000, 1), "there");
    assert.equal(looks, 3);
  });
  it("looks at least once, and ends when the time is over", async () => {
    let looks = 0;
    const never = (): Promise<boolean> => {
      looks += 1;
      return Promise.resolve(false);
    };
    assert.equal(await until(never, 0, 60_000), false);
    assert.equal(looks, 1);
    assert.equal(await until(() => Promise.resolve(true), 0), true);
  });
  it("ends with an error of the look", async () => {
    await assert.rejects(
      until(() => Promise.reject(new Error("gone")), 60_000, 1),
      /gone/,
    );
  });
});

describe("files of a container", () => {
  it("are the contents of all files of the archive that the engine gives", async () => {
    const tar = pack();
    tar.entry({ name: "secrets", type: "directory" });
    tar.entry({ name: "secrets/a" }, "one");
    tar.entry({ name: "secrets/b" }, "zwö".repeat(50_000));
    tar.finalize();
    const container = {
      getArchive: ({ path }: { path: string }) => Promise.resolve(path === "/run/secrets" ? tar : undefined),
    } as unknown as Docker.Container;
    assert.deepEqual(
      (await filesOf(container, "/run/secrets")).filter((text) => text !== ""),
      ["one", "zwö".repeat(50_000)],
    );
  });
  it("fail where they are larger than what they are meant to be, in one file or in all", async () => {
    const given = (...sizes: number[]) => {
      const tar = pack();
      sizes.forEach((size, at) => tar.entry({ name: `a/${at}` }, Buffer.alloc(size, "x")));
      tar.finalize();
      return { getArchive: () => Promise.resolve(tar) } as unknown as Docker.Container;
    };
    assert.equal((await filesOf(given(60, 40), "/a", 100)).length, 2);
    for (const sizes of [[101], [60, 41], [5_000_000]]) {
      await assert.rejects(
        filesOf(given(...sizes), "/a", 100),
        /\/a in the container has more than 100 bytes/,
      );
    }
  });
  it("fail where the archive is cut off", async () => {
    const container = {
      getArchive: () => Promise.resolve(Readable.from([Buffer.alloc(700, "x")])),
    } as unknown as Docker.Container;
    await assert.rejects(filesOf(container, "/a"));
  });
});

describe("errors of an engine", () => {
  it("are told in the engine's own words", () => {
    const error = Object.assign(new Error("(HTTP code 404) no such container - No such container: a"), {
      statusCode: 404,
      json: { message: "No such container: a" },
    });
    assert.deepEqual([messageOf(error), statusOf(error)], ["No such container: a", 404]);
    assert.deepEqual(
      [messageOf(new Error("other")), messageOf("text"), statusOf("text")],
      ["other", "text", undefined],
    );
  });
});
