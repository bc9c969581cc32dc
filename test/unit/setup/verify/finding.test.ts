import assert from "node:assert/strict";

import { renderFindings, sinceWords } from "../../../../setup/verify/finding";

describe("what is printed of findings", () => {
  const now = new Date("2026-11-30T15:45:10Z");

  it("the fact, since when, and a command", () => {
    const since = new Date("2026-11-30T15:42:10Z");
    assert.deepEqual(
      renderFindings(
        [
          { what: "jh-proxy has stopped", since, fix: "./up" },
          { what: "It fails", see: "./hub logs hub" },
        ],
        now,
      ),
      [
        "JupyterHub does not work as it should:",
        "  jh-proxy has stopped, since 15:42:10 UTC, 3 min ago.",
        "    To fix it:  ./up",
        "  It fails.",
        "    To see more:  ./hub logs hub",
      ],
    );
    assert.deepEqual(renderFindings([], now), []);
  });

  it("the day where it was another one", () => {
    assert.equal(sinceWords(new Date("2026-11-28T01:00:00Z"), now), "since 2026-11-28 01:00:00 UTC, 2 d ago");
    assert.equal(sinceWords(new Date("2026-11-30T15:45:12Z"), now), "since 15:45:12 UTC, 0 s ago");
  });
});
