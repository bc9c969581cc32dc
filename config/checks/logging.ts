/** The options of Docker's own logging drivers: the engine would refuse another one at the first container that has it. */
import type { Report, Values } from "./report";
import { own, words } from "./words";

/** Of every driver: how lines wait, and what the engine keeps to be read again. */
const COMMON = [
  "cache-compress",
  "cache-disabled",
  "cache-max-file",
  "cache-max-size",
  "max-buffer-size",
  "mode",
];

/** What is said of a container beside its lines. */
const EXTRA = ["env", "env-regex", "labels", "labels-regex", "tag"];

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "json-file": ["compress", ...EXTRA],
  local: ["compress"],
  journald: EXTRA,
  syslog: [
    ...EXTRA,
    "syslog-address",
    "syslog-facility",
    "syslog-format",
    "syslog-tls-ca-cert",
    "syslog-tls-cert",
    "syslog-tls-key",
    "syslog-tls-skip-verify",
  ],
  fluentd: [
    ...EXTRA,
    "fluentd-address",
    "fluentd-async",
    "fluentd-async-reconnect-interval",
    "fluentd-buffer-limit",
    "fluentd-max-retries",
    "fluentd-request-ack",
    "fluentd-retry-wait",
    "fluentd-sub-second-precision",
  ],
  gelf: [
    ...EXTRA,
    "gelf-address",
    "gelf-compression-level",
    "gelf-compression-type",
    "gelf-tcp-max-reconnect",
    "gelf-tcp-reconnect-delay",
  ],
};

/** In keys of their own. */
const ROTATION: Readonly<Record<string, string>> = { "max-size": "maxSize", "max-file": "maxFiles" };

export function checkLogging({ logging }: Values, report: Report): void {
  if (!logging) {
    return;
  }
  const { driver, options } = logging;
  const known = OPTIONS[driver];
  if (known === undefined) {
    return;
  }
  for (const name of Object.keys(options)) {
    const path = ["logging", "options", name];
    const instead = ROTATION[name];
    if (instead !== undefined) {
      report.refuse(path, words`${report.key(["logging", instead])} in its place`, { remove: true });
    } else if (!known.includes(name) && !COMMON.includes(name)) {
      const all = [...known, ...COMMON].sort().join(", ");
      report.refuse(path, words`an option of the driver ${own(driver)} (${own(all)})`, { remove: true });
    }
  }
  if (driver === "gelf" && options["gelf-address"] === undefined) {
    report.refuse(
      ["logging", "options", "gelf-address"],
      words`the address of the server that takes the logs`,
      {
        got: words`none`,
        set: "udp://192.0.2.7:12201",
      },
    );
  }
}
