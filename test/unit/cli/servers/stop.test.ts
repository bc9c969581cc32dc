import assert from "node:assert/strict";

import { render } from "../../../../cli/servers/stop";

const everybody = { user: undefined, server: undefined };

describe("./hub servers stop", () => {
  it("says of each what came of it, and fails if one did not stop", () => {
    const { text, failed } = render(
      [
        { user: "bob", server: "gpu", problem: "it is still stopping" },
        { user: "alice", server: "", problem: null },
      ],
      everybody,
    );
    assert.equal(
      text,
      "The server of alice was stopped.\nServer gpu of bob was not stopped: it is still stopping.",
    );
    assert.equal(failed, true);
    assert.equal(render([{ user: "alice", server: "", problem: null }], everybody).failed, false);
  });

  it("has nothing in it that a terminal takes for a command", () => {
    const one = { user: "a\u001b[2Jb", server: "\u001b]0;x\u0007y", problem: "\u001b[31mz" };
    assert.doesNotMatch(render([one], everybody).text, /\p{C}/u);
  });

  it("says that there was none", () => {
    assert.equal(render([], everybody).text, "No server runs.");
    assert.equal(render([], { user: "alice", server: undefined }).text, "No such server of alice runs.");
  });
});
