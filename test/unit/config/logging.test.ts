import assert from "node:assert/strict";

import { messagesWith } from "./support";

describe("where logs go", () => {
  it("is a driver of Docker's, with options that it has", () => {
    for (const logging of [
      {},
      { driver: "journald", options: { tag: "{{.Name}}" } },
      { driver: "local", maxSize: "5m", options: { compress: false } },
      { driver: "fluentd", options: { "fluentd-address": "tcp://192.0.2.7:24224", "fluentd-async": true } },
      {
        driver: "grafana/loki-docker-driver:latest",
        options: { "loki-url": "http://192.0.2.7:3100/loki/api/v1/push" },
      },
    ]) {
      assert.deepEqual(messagesWith({ logging }), []);
    }
  });

  const refused: readonly [Record<string, unknown>, RegExp][] = [
    [{ driver: "none" }, /logging\.driver: expected the name of a logging driver of the engine \(not none/],
    [{ driver: "syslog; rm" }, /logging\.driver: expected the name/],
    [
      { driver: "syslog", options: { "gelf-address": "udp://x:1" } },
      /logging\.options\.gelf-address: expected an option of the driver syslog \(cache-compress, .*syslog-address/,
    ],
    [
      { options: { "max-size": "5m" } },
      /logging\.options\.max-size: expected jupyterhub:logging\.maxSize in its place, .* Remove it with/,
    ],
    [{ driver: "gelf" }, /gelf-address: expected the address of the server .* Set it with: .*udp:/],
    [{ maxFiles: 0 }, /logging\.maxFiles: expected a whole number of files/],
  ];
  for (const [logging, message] of refused) {
    it(`is not ${JSON.stringify(logging)}`, () => {
      const [first, ...more] = messagesWith({ logging });
      assert.match(first ?? "", message);
      assert.deepEqual(more, []);
    });
  }
});
