import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";

import { errorsIn, openEventLog, renderErrors } from "../../../setup/events";

const line = (event: object) => `${JSON.stringify({ sequence: 1, ...event })}\n`;
const diagnostic = (severity: string, message: string) =>
  line({ diagnosticEvent: { prefix: `${severity}: `, message, color: "raw", severity } });

describe("pulumi's log of events", () => {
  it("has the errors, each once, without colours", () => {
    const log = [
      diagnostic("debug", "an error is no news"),
      diagnostic("warning", "careful"),
      diagnostic(
        "error",
        "<{%reset%}>The configuration has 1 error.\n  - jupyterhub:hubb: expected …<{%reset%}>\n",
      ),
      diagnostic("error", "The configuration has 1 error.\n  - jupyterhub:hubb: expected …\n"),
      diagnostic("error", "update failed"),
    ].join("");
    const errors = errorsIn(log);
    assert.deepEqual(errors, {
      messages: ["The configuration has 1 error.\n  - jupyterhub:hubb: expected …"],
      ofResources: false,
    });
    assert.deepEqual(renderErrors("up", errors), [
      "",
      "The update failed:",
      "  The configuration has 1 error.",
      "    - jupyterhub:hubb: expected …",
    ]);
  });

  it("tells whether a resource was at fault, also where the last line is cut off", () => {
    const log =
      line({ resOpFailedEvent: { status: 2 } }) +
      diagnostic("error", "port is taken") +
      '{"severity":"error"';
    assert.deepEqual(errorsIn(log), { messages: ["port is taken"], ofResources: true });
  });

  it("names the resource that an error is about, without the provider's count", () => {
    const urn = (name: string) => `urn:pulumi:dev::jupyterhub::${name}`;
    const of = (resource: string, message: string) =>
      line({ diagnosticEvent: { urn: urn(resource), message, severity: "error" } });
    const log =
      of(
        "jupyterhub:hub:Hub$docker:index/container:Container::hub-container",
        "1 error occurred:\n\t* no room\n\n",
      ) + of("pulumi:pulumi:Stack::jupyterhub-dev", "The configuration has 1 error.");
    assert.deepEqual(errorsIn(log).messages, ["hub-container: no room", "The configuration has 1 error."]);
  });

  it("is of this run, and gone after it", () => {
    const log = openEventLog(["--diff"]);
    const [option, file = ""] = log.options;
    assert.equal(option, "--event-log");
    writeFileSync(file, diagnostic("error", "bad"));
    assert.deepEqual(log.close().messages, ["bad"]);
    assert.equal(existsSync(file), false);
    assert.deepEqual(log.close().messages, []);
  });

  it("is left to a person who wants one", () => {
    const log = openEventLog(["--event-log=/tmp/mine"]);
    assert.deepEqual([log.options, log.env, log.close().messages], [[], {}, []]);
  });

  it("says what became of a service that Swarm rolled back, in the words of either plugin", () => {
    for (const message of [
      "service update ended as rollback_completed: …",
      "service rollback completed: …",
    ]) {
      const lines = renderErrors("up", { messages: [message], ofResources: true });
      assert.match(lines.at(-1) ?? "", /^ {2}Swarm has rolled the service back: the one from before/);
    }
    assert.equal(renderErrors("up", { messages: ["service rollback paused"], ofResources: true }).length, 3);
  });

  it("says what to do where a port was taken after it was checked, in the words of either kind of port mapping", () => {
    for (const message of [
      "proxy-container: … Error starting userland proxy: listen tcp4 127.0.0.1:443: bind: address already in use",
      "proxy-container: … Bind for 127.0.0.1:443 failed: port is already allocated",
    ]) {
      const lines = renderErrors("up", { messages: [message], ofResources: true });
      assert.match(
        lines.at(-1) ?? "",
        /^ {2}Another program took the port while \.\/up ran\. .* run \.\/up again/,
      );
    }
  });

  it("with nothing in it nothing is added to what pulumi said", () => {
    assert.deepEqual(renderErrors("destroy", errorsIn("")), []);
  });
});
