import assert from "node:assert/strict";

import { logDriver, serverLog } from "../../../components/logging";

describe("where logs go", () => {
  it("is a file that ends somewhere, if nothing is said", () => {
    const said = { maxSize: "10m" };
    assert.deepEqual(logDriver(said), {
      driver: "json-file",
      options: { "max-size": "10m", "max-file": "3" },
    });
    // As the hub has it by itself: no hub is replaced for it.
    assert.deepEqual(serverLog(said), {});
  });

  it("is rotated as said, for people's servers too", () => {
    assert.deepEqual(
      serverLog({ maxSize: "20m", maxFiles: 5, driver: "local", options: { compress: "false" } }),
      {
        log: { driver: "local", options: { compress: "false", "max-file": "5", "max-size": "20m" } },
      },
    );
    assert.deepEqual(serverLog({ maxSize: "20m" }).log?.options, { "max-file": "2", "max-size": "20m" });
  });

  it("is a driver that knows nothing of files", () => {
    const options = { "syslog-address": "udp://192.0.2.7:514" };
    const said = { maxSize: "10m", driver: "syslog", options };
    assert.deepEqual(logDriver(said), { driver: "syslog", options });
    assert.deepEqual(serverLog(said), { log: { driver: "syslog", options } });
    assert.deepEqual(serverLog({ maxSize: "10m", driver: "journald" }), {
      log: { driver: "journald", options: {} },
    });
  });
});
