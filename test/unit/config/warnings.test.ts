import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { contextWith, MINIMAL, warningsOf } from "./support";

describe("warnings", () => {
  const floating =
    "what runs depends on when it was pulled, differs between hosts and cannot be rolled back. Use a version or a digest (@sha256:…).";
  const cases: [string, Record<string, unknown>, string[]][] = [
    ["a version", { proxy: { image: "traefik:v3.7.15" } }, []],
    ["a digest", { proxy: { image: `traefik@sha256:${"0".repeat(64)}` } }, []],
    [
      "latest",
      { proxy: { image: "traefik:latest" } },
      [`jupyterhub:proxy.image: "traefik:latest" has the tag latest: ${floating}`],
    ],
    [
      "no tag",
      { notebook: { image: { kind: "pull", name: "localhost:5000/lab" } } },
      [`jupyterhub:notebook.image.name: "localhost:5000/lab" has no tag: ${floating}`],
    ],
    ["a protected Docker API", { docker: { host: "tcp://docker.example.org:2376" } }, []],
    ["a local Docker API", { docker: { host: "tcp://127.0.0.1:2375" } }, []],
    [
      "an open Docker API",
      { docker: { host: "tcp://docker.example.org:2375" } },
      [
        "jupyterhub:docker.host: the Docker API on port 2375 is neither encrypted nor protected: whoever can reach it controls the host. Use ssh://user@host, or tcp:// with docker.tls.",
      ],
    ],
  ];
  for (const [what, values, warnings] of cases) {
    it(`${what}: ${warnings.length}`, () => {
      assert.deepEqual(warningsOf(parseConfig({ ...MINIMAL, ...values }, contextWith())), warnings);
    });
  }
});
