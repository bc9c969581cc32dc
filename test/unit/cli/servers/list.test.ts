import assert from "node:assert/strict";

import { age, render, type Server } from "../../../../cli/servers/list";

const NOW = new Date("2026-12-01T12:00:00Z");
const server = (more: Partial<Server> = {}): Server => ({
  user: "alice",
  server: "",
  state: "running",
  since: "2026-12-01T08:59:59.123456789Z",
  image: "jupyterhub-dev-notebook:latest",
  node: "",
  container: "jupyterhub-dev-user-alice",
  memory: 200 * 2 ** 20,
  memoryLimit: 2 ** 31,
  processors: 0.254,
  ...more,
});

describe("./hub servers list", () => {
  it("is a table, with nodes where there are some", () => {
    const stopped = { user: "bob", server: "gpu", state: "exited", memory: undefined, processors: undefined };
    assert.equal(
      render([server(), server(stopped)], NOW).text,
      "USER   SERVER  STATE    FOR  MEMORY               CPU   IMAGE\n" +
        "alice  -       running  3 h  200 MiB of 2048 MiB  25 %  jupyterhub-dev-notebook:latest\n" +
        "bob    gpu     exited   3 h  -                    -     jupyterhub-dev-notebook:latest\n",
    );
    assert.match(
      render([server({ node: "node2", memoryLimit: undefined })], NOW).text,
      /3 h {2}node2 {2}200 MiB /,
    );
    assert.equal(render([], NOW).text, "No servers.");
  });

  it("has nothing in it that a terminal takes for a command", () => {
    assert.doesNotMatch(
      render([server({ user: "a\u001b[2Jb", server: "\u202ex" })], NOW).text,
      /\p{C}(?<!\n)/u,
    );
  });

  it("has null in JSON for what is not known", () => {
    const [one] = render([server({ memory: undefined, memoryLimit: undefined, processors: undefined })], NOW)
      .json as Record<string, unknown>[];
    assert.deepEqual([one?.["memory"], one?.["memoryLimit"], one?.["processors"]], [null, null, null]);
    assert.equal(one?.["user"], "alice");
  });

  it("tells ages in the largest unit that fits", () => {
    const ages = [
      "2026-12-01T11:59:30Z",
      "2026-12-01T11:58:30Z",
      "2026-11-28T12:00:00Z",
      "0001-01-01T00:00:00Z",
      "x",
    ];
    assert.deepEqual(
      ages.map((since) => age(since, NOW)),
      ["30 s", "1 min", "3 d", "-", "-"],
    );
  });
});
