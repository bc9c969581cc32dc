import assert from "node:assert/strict";

import { answerOf, failureOf, type TriedServer, whyNot } from "../../../../tasks/hub/tried-servers";

const well: TriedServer = { image: "sha256:a", profiles: ["Small"], seconds: 2.1, problem: null, log: [] };

describe("servers that were tried", () => {
  it("are read from the hub's answer, and another answer is an error that shows it", () => {
    assert.deepEqual(answerOf(`${JSON.stringify({ version: 1, servers: [well] })}\n`), [well]);
    for (const said of ["", "Traceback", '{"version":2,"servers":[]}', '{"version":1,"servers":[{}]}']) {
      assert.throws(() => answerOf(said), {
        message: `people's servers could not be tried: the hub answered ${said}`,
      });
    }
  });

  it("always have a reason where there is no answer", () => {
    assert.equal(whyNot(null, ""), "the hub was stopped or replaced meanwhile. The next update tries them");
    assert.equal(whyNot(1, "Traceback\nOSError: no space\n"), "OSError: no space");
    assert.equal(whyNot(137, ""), "the hub's program printed nothing and ended with exit code 137");
  });

  it("say nothing where all start", () => {
    assert.equal(failureOf([], "dev"), undefined);
    assert.equal(failureOf([well], "dev"), undefined);
  });

  it("say which does not, why, with its log and a command", () => {
    const failed: TriedServer = {
      image: "sha256:b",
      profiles: ["Big", "GPU"],
      seconds: 3,
      problem: "ended before it answered: ended with an error (exit code 1)",
      log: ["Traceback:", "", "ImportError: jupyterlab"],
    };
    assert.equal(
      failureOf(
        [well, failed, { ...failed, profiles: [], problem: "no such image: sha256:c", log: [] }],
        "my lab",
      ),
      [
        "People's servers (Big, GPU) do not start: ended before it answered: ended with an error (exit code 1)",
        "Its last lines:",
        "  Traceback:",
        "",
        "  ImportError: jupyterlab",
        "People's servers do not start: no such image: sha256:c",
        "The hub runs with the new settings, and servers that run go on. Correct the configuration. The next update " +
          "tries it again: ./up 'my lab'",
      ].join("\n"),
    );
  });
});
